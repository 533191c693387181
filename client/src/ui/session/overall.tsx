import { chakra } from '@chakra-ui/react/styled-system';
import type { TFunction } from 'i18next';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { SessionState } from '../../store/model';
import {
  type Batch,
  NO_BATCH,
  nextBatch,
  type Overall as Figures,
  overallOf,
  SAVING,
  SENDING,
  type Way,
} from '../../store/overall';
import { factsOf, percentText, standingStill } from '../contents/moving';
import { useSpeed } from '../contents/use-speed';
import { Column, GUTTER } from '../parts/column';
import { ProgressBar } from '../parts/progress';

interface OverallProps {
  readonly state: SessionState;
}

/** How far all is that is sent at the same time, and all that is saved; nothing while that is one. */
export function Overall({ state }: OverallProps) {
  return (
    <chakra.div css={GUTTER}>
      <OneWay state={state} way={SENDING} note="contents.sending" end="contents.sentAll" />
      <OneWay state={state} way={SAVING} note="contents.saving" end="contents.savedAll" />
    </chakra.div>
  );
}

interface OneWayProps extends OverallProps {
  readonly way: Way;
  readonly note: 'contents.sending' | 'contents.saving';
  /** What is told when it is over. */
  readonly end: 'contents.sentAll' | 'contents.savedAll';
}

function OneWay({ state, way, note: moving, end }: OneWayProps) {
  const { t } = useTranslation();
  const batch = useBatch(state, way);
  const figures = overallOf(batch);
  const notes = { moving, waiting: 'contents.waitingAll', paused: 'contents.paused' } as const;
  const note = figures === null ? '' : t(notes[figures.standing]);
  const isOver = batch.moving.size === 0 && batch.done.size > 0;
  const said = useSaid(figures, note, isOver ? t(end, { count: batch.done.size }) : '');
  return (
    <>
      {/* Always there, so that what comes into it is read out. */}
      <chakra.div role="status" srOnly>
        {said}
      </chakra.div>
      {figures !== null && <Line figures={figures} note={note} />}
    </>
  );
}

/** What is on its way in one direction, and what ended meanwhile. */
function useBatch(state: SessionState, way: Way): Batch {
  const [seen, setSeen] = useState<{ readonly state: SessionState | null; readonly batch: Batch }>({
    state: null,
    batch: NO_BATCH,
  });
  if (seen.state === state) return seen.batch;
  const batch = nextBatch(seen.batch, state, way);
  setSeen({ state, batch });
  return batch;
}

/** Of so many steps each is read out; more would be noise. */
const STEPS_COUNT = 4;

/** What is read out: when it begins, at each quarter, when it stands or goes on, and at its end. */
function useSaid(figures: Figures | null, note: string, end: string): string {
  const { t } = useTranslation();
  const [said, setSaid] = useState<{ readonly step: string | null; readonly text: string }>({
    step: null,
    text: '',
  });
  const step = figures === null ? null : `${figures.standing} ${stepOf(figures)}`;
  if (said.step === step) return said.text;
  const text = figures === null ? end : `${note}: ${saidOf(t, figures)}`;
  setSaid({ step, text });
  return text;
}

function stepOf({ doneBytes, totalBytes }: Figures): number {
  return Math.floor((STEPS_COUNT * doneBytes) / Math.max(1, totalBytes ?? Infinity));
}

function saidOf(t: TFunction, figures: Figures): string {
  const files = t('contents.filesDone', { done: figures.doneCount, count: figures.count });
  const percent = percentText(t, figures);
  return percent === null ? files : `${files}, ${percent}`;
}

interface LineProps {
  readonly figures: Figures;
  readonly note: string;
}

function Line({ figures, note }: LineProps) {
  const { t } = useTranslation();
  const { doneBytes, totalBytes, doneCount: done, count, standing } = figures;
  const progress = useSpeed(doneBytes, totalBytes);
  const share = totalBytes === null ? null : doneBytes / Math.max(1, totalBytes);
  const shown = standing === 'moving' ? progress : standingStill(progress);
  const facts = factsOf(t, shown, t('contents.filesDone', { done, count }));
  return (
    <Column display="grid" gap={2} paddingTop={3}>
      <ProgressBar label={note} share={share} />
      <chakra.p fontSize="sm" color="muted" fontVariantNumeric="tabular-nums">
        <chakra.strong color="ink">{note}</chakra.strong> {facts}
      </chakra.p>
    </Column>
  );
}
