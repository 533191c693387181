/** The values of the design system (docs/design.md); contrast.test.ts computes their contrast. */
export interface Palette {
  readonly page: string;
  readonly surface: string;
  readonly sunken: string;
  readonly ink: string;
  readonly muted: string;
  readonly line: string;
  readonly control: string;
  readonly accent: string;
  readonly accentSoft: string;
  readonly onAccent: string;
  readonly danger: string;
  readonly dangerSoft: string;
  readonly warning: string;
  readonly warningSoft: string;
}

export const light: Palette = {
  page: '#f7f6f3',
  surface: '#ffffff',
  sunken: '#efede8',
  ink: '#1d1c1a',
  muted: '#5d5a55',
  line: '#e2dfd8',
  control: '#8b867e',
  accent: '#0b6857',
  accentSoft: '#e0f1ec',
  onAccent: '#ffffff',
  danger: '#b3261e',
  dangerSoft: '#fbe9e7',
  warning: '#7a4f00',
  warningSoft: '#fdf1d8',
};

export const dark: Palette = {
  page: '#131416',
  surface: '#1c1e21',
  sunken: '#26292d',
  ink: '#edecea',
  muted: '#aba7a1',
  line: '#32353a',
  control: '#7d7a75',
  accent: '#62cdb3',
  accentSoft: '#17332d',
  onAccent: '#06231c',
  danger: '#ff8f85',
  dangerSoft: '#3a1f1d',
  warning: '#f0c46c',
  warningSoft: '#352a14',
};

export const fonts = {
  body: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif',
  mono: 'ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", monospace',
};

/** A major third around 16 px, rounded to whole pixels. */
export const fontSizes = {
  xs: '0.75rem',
  sm: '0.875rem',
  md: '1rem',
  lg: '1.25rem',
  xl: '1.5625rem',
  '2xl': '1.9375rem',
};

export const spacing = {
  0.5: '0.125rem',
  1: '0.25rem',
  2: '0.5rem',
  3: '0.75rem',
  4: '1rem',
  5: '1.25rem',
  6: '1.5rem',
  8: '2rem',
  10: '2.5rem',
  12: '3rem',
};

export const radii = { sm: '0.375rem', md: '0.625rem', lg: '1rem', full: '9999px' };

/** What is touched is at least this large (WCAG 2.2, 2.5.5). */
export const TARGET = '2.75rem';
