import { chakra } from '@chakra-ui/react/styled-system';
import type { ReactNode } from 'react';

import { ProgressBar } from '../parts/progress';

interface ProgressLineProps {
  /** What is being done. */
  readonly note: string;
  /** 0 to 1; null while the whole is not known. */
  readonly share: number | null;
  /** How far it is, and how fast. */
  readonly facts: string;
  /** Whether there is something to be seen of it. */
  readonly hasBar?: boolean;
  /** What can be done about it. */
  readonly children?: ReactNode;
}

/** A transfer in one line: a bar, what it does, how far it is, and its buttons. */
export function ProgressLine({ note, share, facts, hasBar = true, children }: ProgressLineProps) {
  return (
    <chakra.div paddingInline={4} paddingTop={1} paddingBottom={1} display="grid" gap={1}>
      {/* Each act has a bar of its own: one that begins anew does not run backwards. */}
      {hasBar && <ProgressBar key={note} label={note} share={share} />}
      <chakra.div display="flex" alignItems="center" justifyContent="space-between" gap={2}>
        <chakra.p fontSize="sm" color="muted" fontVariantNumeric="tabular-nums" paddingBlock={2}>
          <chakra.strong color="ink">{note}</chakra.strong> {facts}
        </chakra.p>
        <chakra.span marginRight={-3} display="flex" flexShrink={0}>
          {children}
        </chakra.span>
      </chakra.div>
    </chakra.div>
  );
}
