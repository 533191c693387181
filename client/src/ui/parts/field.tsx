import { chakra } from '@chakra-ui/react/styled-system';
import { ChevronDown } from 'lucide-react';
import type { ComponentProps, ReactNode } from 'react';

import { TARGET } from '../theme/tokens';

const box = {
  width: '100%',
  background: 'surface',
  color: 'ink',
  borderWidth: '1px',
  borderColor: 'control',
  borderRadius: 'md',
  paddingInline: 3,
  fontSize: 'md',
  '&::placeholder': { color: 'muted', opacity: 1 },
} as const;

export const Input = chakra('input', { base: { ...box, minHeight: TARGET } });
export const TextArea = chakra('textarea', {
  base: { ...box, minHeight: TARGET, paddingBlock: 2, resize: 'none', display: 'block' },
});

const Choice = chakra('select', {
  base: { ...box, minHeight: TARGET, appearance: 'none', paddingRight: '2.25rem' },
  variants: {
    quiet: {
      true: {
        width: 'auto',
        background: 'transparent',
        borderColor: 'transparent',
        fontSize: 'sm',
        color: 'inherit',
      },
    },
  },
});

/** One of a few; its arrow stands as far from the border as its text does. */
export function Select(props: ComponentProps<typeof Choice>) {
  return (
    <chakra.div position="relative" {...(props.quiet === true ? { width: 'fit-content' } : {})}>
      <Choice {...props} />
      <chakra.span
        aria-hidden="true"
        position="absolute"
        right={3}
        top="50%"
        transform="translateY(-50%)"
        pointerEvents="none"
        lineHeight={0}
      >
        <ChevronDown size={16} />
      </chakra.span>
    </chakra.div>
  );
}

interface FieldProps {
  readonly id: string;
  readonly label: string;
  readonly hint?: ReactNode;
  readonly children: ReactNode;
}

/** A labelled input; the hint says what is expected, below it. */
export function Field({ id, label, hint, children }: FieldProps) {
  return (
    <chakra.div display="grid" gap={1}>
      <chakra.label htmlFor={id} fontSize="sm" fontWeight={600}>
        {label}
      </chakra.label>
      {children}
      {hint !== undefined && (
        <chakra.div id={`${id}-hint`} fontSize="sm" color="muted">
          {hint}
        </chakra.div>
      )}
    </chakra.div>
  );
}
