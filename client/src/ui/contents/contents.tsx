import { chakra } from '@chakra-ui/react/styled-system';
import { useEffect, useLayoutEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';

import { entriesOf, type Entry } from '../../store/folders';
import type { SessionState } from '../../store/model';
import { Boundary } from '../parts/boundary';
import { Button } from '../parts/button';
import { Column } from '../parts/column';
import { useAct, useNow, useScope } from '../session/use-session';
import { Card } from './card';
import { Empty } from './empty';
import { FolderCard } from './folder-card';
import { UnreadableCard } from './unreadable-card';

const NEAR_END_PX = 120;
const CLOCK_MS = 30_000;

interface ContentsProps {
  readonly state: SessionState;
  /** Something is told over their end. */
  readonly isCovered?: boolean;
}

/** All contents by position, newest last; stays at the end while the member is there or adds to it. */
export function Contents({ state, isCovered = false }: ContentsProps) {
  const { t } = useTranslation();
  const { session } = useScope();
  const act = useAct();
  const now = useNow(CLOCK_MS);
  const scroller = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  const shown = entriesOf(state);
  const newest = shown.at(-1);
  const newestId = newest?.key;
  const isOwn = newest?.mine ?? false;
  useLayoutEffect(() => {
    const element = scroller.current;
    // What a member adds is what they want to see.
    if (isOwn) isAtEnd.current = true;
    if (element !== null && isAtEnd.current) element.scrollTop = element.scrollHeight;
  }, [newestId, isOwn]);
  useEffect(() => {
    const element = scroller.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(() => {
      if (isAtEnd.current) element.scrollTop = element.scrollHeight;
    });
    for (const one of [element, ...element.children]) observer.observe(one);
    return () => {
      observer.disconnect();
    };
  }, []);
  return (
    <chakra.div
      ref={scroller}
      role="region"
      aria-label={t('contents.title')}
      tabIndex={0}
      minHeight={0}
      overflowY="auto"
      overscrollBehavior="contain"
      paddingTop={4}
      paddingBottom={isCovered ? '5.5rem' : 4}
      css={{ scrollbarGutter: 'stable' }}
      onScroll={({ currentTarget: at }) => {
        isAtEnd.current = at.scrollHeight - at.scrollTop - at.clientHeight < NEAR_END_PX;
      }}
    >
      <Column
        minHeight="100%"
        display="grid"
        gridTemplateColumns="minmax(0, 1fr)"
        gap={4}
        alignContent={shown.length === 0 ? 'center' : 'end'}
      >
        {state.hasOlder && (
          <Button type="button" justifySelf="center" onClick={() => act(session.loadOlder)}>
            {t('contents.older')}
          </Button>
        )}
        {shown.length === 0 && <Empty newName={state.isNew ? state.sessionName : null} />}
        {shown.map((one) => (
          <Boundary
            key={one.key}
            of={one.of}
            fallback={<UnreadableCard contentId={one.contentId} problem={null} />}
          >
            <EntryCard entry={one} state={state} now={now} />
          </Boundary>
        ))}
      </Column>
    </chakra.div>
  );
}

interface EntryCardProps {
  readonly entry: Entry;
  readonly state: SessionState;
  readonly now: number;
}

function EntryCard({ entry, state, now }: EntryCardProps) {
  if (entry.kind === 'content') return <Card content={entry.of} now={now} />;
  if (entry.kind === 'unreadable') {
    return <UnreadableCard contentId={entry.contentId} problem={entry.of.problem} />;
  }
  const { of: folder } = entry;
  const zipping = state.zips.get(folder.key) ?? null;
  return <FolderCard folder={folder} zipping={zipping} hasOlder={state.hasOlder} now={now} />;
}
