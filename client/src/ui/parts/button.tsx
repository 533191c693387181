import { chakra } from '@chakra-ui/react/styled-system';

import { TARGET } from '../theme/tokens';

/** An act. `solid` for the one main act of a view, `plain` for others, `danger` to destroy. */
export const Button = chakra('button', {
  base: {
    display: 'inline-flex',
    alignItems: 'center',
    justifyContent: 'center',
    gap: 2,
    minHeight: TARGET,
    paddingInline: 4,
    borderRadius: 'md',
    fontWeight: 600,
    fontSize: 'sm',
    cursor: 'pointer',
    whiteSpace: 'nowrap',
    transition: 'background 120ms ease-out, opacity 120ms ease-out',
    _disabled: { opacity: 0.5, cursor: 'default' },
    '& svg': { flexShrink: 0 },
  },
  variants: {
    look: {
      solid: { background: 'accent', color: 'onAccent', _hover: { opacity: 0.9 } },
      plain: { background: 'sunken', color: 'ink', _hover: { background: 'line' } },
      quiet: { background: 'transparent', color: 'muted', _hover: { background: 'sunken' } },
      danger: { background: 'dangerSoft', color: 'danger', _hover: { opacity: 0.9 } },
    },
    shape: { text: {}, icon: { width: TARGET, paddingInline: 0 } },
  },
  defaultVariants: { look: 'plain', shape: 'text' },
});
