import { chakra } from '@chakra-ui/react/styled-system';
import type { ReactNode } from 'react';

interface CardHeadProps {
  readonly sign: ReactNode;
  readonly title: string;
  /** What is told below the title; null is nothing. */
  readonly children: string | null;
}

/** A sign, a title, and a line about what it is. */
export function CardHead({ sign, title, children }: CardHeadProps) {
  return (
    <chakra.div display="flex" gap={3} padding={4} paddingBottom={2}>
      <chakra.span
        color="accent"
        background="accentSoft"
        borderRadius="md"
        padding={3}
        alignSelf="start"
        lineHeight={0}
      >
        {sign}
      </chakra.span>
      <chakra.div minWidth={0}>
        <chakra.p fontWeight={600} overflowWrap="anywhere" dir="auto">
          {title}
        </chakra.p>
        {children !== null && (
          <chakra.p fontSize="sm" color="muted" fontVariantNumeric="tabular-nums">
            {children}
          </chakra.p>
        )}
      </chakra.div>
    </chakra.div>
  );
}
