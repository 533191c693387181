/** What this browser sends, or saves, at the same time, as one. Pure. */
import { isSent, sharedBytes } from './folders';
import type { Activity, Content, Progress, SessionState } from './model';

/** One file on its way. */
export interface Part {
  /** What it is seen as: its folder, or itself. */
  readonly thing: string;
  readonly doneBytes: number;
  /** Null while it is not known. */
  readonly totalBytes: number | null;
  readonly kind: Activity['kind'];
}

type Parts = ReadonlyMap<string, Part>;

/** What is on its way, and what came to its end since nothing was. */
export interface Batch {
  readonly moving: Parts;
  /** Those that ended well; what was stopped, or failed, is in neither. */
  readonly done: Parts;
}

/** One direction: what is on its way in it, and whether one that is not any more ended well. */
export interface Way {
  readonly partsOf: (state: SessionState) => Parts;
  readonly isDone: (state: SessionState, key: string) => boolean;
}

export const NO_BATCH: Batch = { moving: new Map(), done: new Map() };

const thingOf = ({ folder, contentId }: Content) => folder?.group.id ?? contentId;

/** Files that this member sends; texts are there at once. */
export const SENDING: Way = {
  partsOf: ({ contents }) => {
    const sent = contents.filter((content) => content.kind !== 'text' && isSent(content));
    return new Map(
      sent.map((content) => {
        const { contentId, size: totalBytes, activity } = content;
        const doneBytes = sharedBytes(content);
        return [contentId, { thing: thingOf(content), doneBytes, totalBytes, kind: activity.kind }];
      }),
    );
  },
  isDone: ({ contents }, key) =>
    contents.some(({ contentId, state }) => contentId === key && state === 'complete'),
};

const ZIP = 'zip ';

/** Contents and folders that are being written to this member's disk. */
export const SAVING: Way = {
  partsOf: ({ contents, zips }) => {
    const saved = contents.filter((content) => !isSent(content));
    return new Map([
      ...saved.flatMap(({ contentId, activity }) => partOf(contentId, activity)),
      ...[...zips].flatMap(([key, { activity }]) => partOf(ZIP + key, activity)),
    ]);
  },
  isDone: ({ contents, zips }, key) => {
    const activity = key.startsWith(ZIP)
      ? zips.get(key.slice(ZIP.length))?.activity
      : contents.find(({ contentId }) => contentId === key)?.activity;
    return activity?.kind === 'idle' && activity.isSaved === true;
  },
};

function partOf(key: string, activity: Activity): readonly (readonly [string, Part])[] {
  if (activity.kind !== 'saving' && activity.kind !== 'waiting') return [];
  const { doneBytes, totalBytes } = activity.progress;
  return [[key, { thing: key, doneBytes, totalBytes, kind: activity.kind }]];
}

/** The batch in a newer state; it begins anew with what comes when nothing was on its way. */
export function nextBatch(before: Batch, state: SessionState, way: Way): Batch {
  const moving = way.partsOf(state);
  const done = new Map(before.moving.size === 0 && moving.size > 0 ? [] : before.done);
  for (const [key, part] of before.moving) {
    if (!moving.has(key) && way.isDone(state, key)) done.set(key, part);
  }
  // What ended well can be on its way once more.
  for (const key of moving.keys()) done.delete(key);
  return { moving, done };
}

/** A batch in figures. */
export interface Overall extends Pick<Progress, 'doneBytes' | 'totalBytes'> {
  readonly doneCount: number;
  readonly count: number;
  readonly standing: Standing;
}

/** All of it, or null where one thing, or nothing, is on its way: that says itself how far it is. */
export function overallOf({ moving, done }: Batch): Overall | null {
  const parts = [...moving.values(), ...done.values()];
  if (moving.size === 0 || new Set(parts.map(({ thing }) => thing)).size < 2) return null;
  const doneWhole = [...done.values()].map(({ totalBytes, doneBytes }) => totalBytes ?? doneBytes);
  const doneMoving = [...moving.values()].map(({ doneBytes }) => doneBytes);
  const totals = parts.map(({ totalBytes }) => totalBytes);
  return {
    doneCount: done.size,
    count: parts.length,
    doneBytes: sum([...doneWhole, ...doneMoving]),
    totalBytes: totals.includes(null) ? null : sum(totals.map((bytes) => bytes ?? 0)),
    standing: standingOf([...moving.values()].map(({ kind }) => kind)),
  };
}

const sum = (bytes: readonly number[]) => bytes.reduce((total, one) => total + one, 0);

/** Whether transfers go on; `waiting` and `paused` only when none of them does. */
export type Standing = 'moving' | 'waiting' | 'paused';

/** How several transfers stand together. One that has not begun goes on after those that move. */
export function standingOf(kinds: readonly Activity['kind'][]): Standing {
  const all = new Set(kinds);
  if (all.has('sending') || all.has('reading') || all.has('saving')) return 'moving';
  if (all.has('waiting')) return 'waiting';
  return all.has('idle') ? 'moving' : 'paused';
}
