import { chakra } from '@chakra-ui/react/styled-system';
import type { ReactNode } from 'react';

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

export const Select = chakra('select', {
  base: { ...box, minHeight: TARGET },
  variants: {
    quiet: {
      true: { width: 'auto', borderColor: 'transparent', fontSize: 'sm', color: 'muted' },
    },
  },
});

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
        <chakra.div id={`${id}-hint`} fontSize="sm" color="muted" minHeight="1.25rem">
          {hint}
        </chakra.div>
      )}
    </chakra.div>
  );
}
