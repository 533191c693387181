import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';

import type { Activity, Content, Progress } from '../../store/model';
import { Button } from '../parts/button';
import { useScope } from '../session/use-session';
import { clockText, durationText, sizeText } from '../texts/format';
import { problemText } from '../texts/problem';
import { ProgressLine } from './progress-line';

/** On phones lines end between facts, never inside of one, and none begins with a dot. */
const NO_BREAK = '\u00a0';
const BETWEEN = `${NO_BREAK}· `;

type MovingActivity = Extract<Activity, { readonly progress: object }>;

interface MovingProps {
  readonly content: Content;
  readonly activity: MovingActivity;
  /** Whether it can be told to rest. */
  readonly canRest: boolean;
}

/** How far a transfer of this browser is, how fast, and ways to let it rest and to stop it. */
export function Moving({ content, activity, canRest }: MovingProps) {
  const { t } = useTranslation();
  const { contentId } = content;
  const { doneBytes, totalBytes } = activity.progress;
  const share = totalBytes === null ? null : doneBytes / Math.max(1, totalBytes);
  const note = useNote(content, activity);
  // Of what has not begun there is nothing to be seen yet.
  const isIdle = activity.kind === 'waiting' && doneBytes === 0;
  const isStanding = activity.kind === 'waiting' || activity.kind === 'paused';
  const facts = factsOf(t, isStanding ? standingStill(activity.progress) : activity.progress);
  return (
    <ProgressLine note={note} share={share} facts={isIdle ? '' : facts} hasBar={!isIdle}>
      {canRest && <RestButton contentId={contentId} isResting={activity.kind === 'paused'} />}
      <CancelButton contentId={contentId} />
    </ProgressLine>
  );
}

interface RestButtonProps {
  readonly contentId: string;
  readonly isResting: boolean;
}

/** Lets what is being sent rest, and go on; the same button, so that it keeps the focus. */
function RestButton({ contentId, isResting }: RestButtonProps) {
  const { t } = useTranslation();
  const { session } = useScope();
  return (
    <Button
      type="button"
      look="quiet"
      paddingInline={3}
      onClick={() => (isResting ? session.goOn(contentId) : session.pause(contentId))}
    >
      {t(isResting ? 'contents.goOn' : 'contents.pause')}
    </Button>
  );
}

/** Stops what this browser does with a content. */
export function CancelButton({ contentId }: { readonly contentId: string }) {
  const { t } = useTranslation();
  const { session } = useScope();
  return (
    <Button type="button" look="quiet" paddingInline={3} onClick={() => session.cancel(contentId)}>
      {t('contents.cancel')}
    </Button>
  );
}

/** What a server says that takes it later; whoever waits has nothing to do about it. */
const PASSING_CODES: ReadonlySet<string> = new Set(['throttled', 'busy']);

/** What it does, or what it waits for. */
function useNote({ waits, senderName }: Content, activity: MovingActivity): string {
  const { t } = useTranslation();
  if (activity.kind !== 'waiting') return t(`contents.${activity.kind}`);
  if (activity.problem === null) return t('contents.waiting');
  if (PASSING_CODES.has(activity.problem.code)) {
    if (activity.until === undefined) return t('contents.waitingServer');
    return t('contents.waitingUntil', { time: clockText(activity.until) });
  }
  const isForSender = activity.problem.code === 'not_arrived' && waits;
  return isForSender
    ? t('contents.waitingFor', { name: senderName })
    : problemText(activity.problem);
}

/** What waits or rests has no speed. */
export function standingStill(progress: Progress): Progress {
  return { ...progress, bytesPerSecond: 0, secondsLeft: null };
}

/** How far it is, never at its end before it is done; null while the whole is not known. */
export function percentText(
  t: TFunction,
  { doneBytes, totalBytes }: Pick<Progress, 'doneBytes' | 'totalBytes'>,
): string | null {
  if (totalBytes === null) return null;
  const percent = Math.min(99, Math.floor((100 * doneBytes) / Math.max(1, totalBytes)));
  return t('contents.percent', { percent });
}

/** What is said `before`, per cent, bytes, and, while it moves, speed and time left. */
export function factsOf(t: TFunction, progress: Progress, before?: string): string {
  const { doneBytes, totalBytes, bytesPerSecond, secondsLeft } = progress;
  const done = sizeText(doneBytes);
  return [
    before,
    percentText(t, progress),
    totalBytes === null ? done : t('contents.of', { done, total: sizeText(totalBytes) }),
    bytesPerSecond > 0 ? t('contents.speed', { speed: sizeText(bytesPerSecond) }) : null,
    secondsLeft !== null ? t('contents.left', { time: durationText(secondsLeft) }) : null,
  ]
    .filter((fact) => typeof fact === 'string')
    .map((fact) => fact.replaceAll(' ', NO_BREAK))
    .join(BETWEEN);
}
