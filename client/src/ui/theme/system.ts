/** The design system as Chakra sees it: its base without its own tokens and recipes. */
import { createSystem } from '@chakra-ui/react/styled-system';
import { defaultBaseConfig } from '@chakra-ui/react/preset-base';

import { dark, fonts, fontSizes, light, type Palette, radii, spacing } from './tokens';

function wrap(values: Readonly<Record<string, string>>) {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }]));
}

function isName(name: string): name is keyof Palette {
  return name in light;
}

const colours = Object.fromEntries(
  Object.keys(light)
    .filter(isName)
    .map((name) => [name, { value: { base: light[name], _dark: dark[name] } }]),
);

export const system = createSystem(defaultBaseConfig, {
  cssVarsPrefix: 'st',
  conditions: { dark: '.dark &', light: ':root &, .light &' },
  globalCss: {
    '*, *::before, *::after': { boxSizing: 'border-box', borderWidth: 0, borderStyle: 'solid' },
    'html, body, #root': { margin: 0, height: '100%' },
    html: { colorScheme: 'light', '&.dark': { colorScheme: 'dark' } },
    body: {
      background: 'page',
      color: 'ink',
      fontFamily: 'body',
      fontSize: 'md',
      lineHeight: 1.5,
      textSizeAdjust: '100%',
    },
    'button, input, textarea, select': { font: 'inherit', color: 'inherit', margin: 0 },
    'h1, h2, h3, p, ul, ol, figure': { margin: 0, padding: 0 },
    'ul, ol': { listStyle: 'none' },
    'summary::-webkit-details-marker': { display: 'none' },
    ':focus-visible': { outline: '2px solid {colors.accent}', outlineOffset: '2px' },
    '@media (prefers-reduced-motion: reduce)': {
      '& *': { transitionDuration: '0s !important', animationDuration: '0s !important' },
    },
  },
  theme: {
    breakpoints: { md: '48rem', lg: '64rem' },
    tokens: {
      fonts: wrap(fonts),
      fontSizes: wrap(fontSizes),
      spacing: wrap(spacing),
      sizes: wrap(spacing),
      radii: wrap(radii),
    },
    semanticTokens: { colors: colours },
  },
});
