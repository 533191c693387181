import { describe, expect, it } from 'vitest';

import { contentOf, stateOf } from '../ui/testing-session';
import { inFolder } from './grouping';
import type { Activity, Content, SessionState } from './model';
import { NO_BATCH, nextBatch, overallOf, SAVING, SENDING, standingOf, type Way } from './overall';

const PROGRESS = { doneBytes: 25, totalBytes: 100, bytesPerSecond: 9, secondsLeft: 8 };
const MOVES: Activity = { kind: 'sending', progress: PROGRESS };
const SAVES: Activity = { kind: 'saving', progress: PROGRESS };
const SAVED: Activity = { kind: 'idle', isSaved: true };
const PROBLEM = { code: 'storage_full', message: '', retryable: true };
const FAILED: Activity = { kind: 'failed', problem: PROBLEM };

function sent(contentId: string, values: Partial<Content> = {}): Content {
  const file = { kind: 'file', size: 100, mine: true, state: 'uploading' } as const;
  return contentOf({ contentId, ...file, activity: MOVES, ...values });
}

const saved = (contentId: string, activity: Activity) =>
  contentOf({ contentId, kind: 'file', size: 100, activity });

/** What is told after all these states. */
function overall(way: Way, ...states: readonly (readonly Content[] | SessionState)[]) {
  const seen = states.map((one) => ('contents' in one ? one : stateOf({ contents: one })));
  return overallOf(seen.reduce((batch, state) => nextBatch(batch, state, way), NO_BATCH));
}

describe('what is sent', () => {
  it('is told over all where that is more than one thing', () => {
    expect(overall(SENDING, [sent('a')])).toBeNull();
    const queued = sent('b', { activity: { kind: 'idle' }, storedBytes: 0 });
    expect(overall(SENDING, [sent('a'), queued])).toEqual({
      doneCount: 0,
      count: 2,
      doneBytes: 25,
      totalBytes: 200,
      standing: 'moving',
    });
  });

  it('is one thing as a folder, but each of its files counts beside another', () => {
    const group = { id: 'f'.repeat(32), name: 'photos', count: 2 };
    const files = ['photos/a', 'photos/b'].map((path) =>
      sent(path, { folder: inFolder({ path, group }) }),
    );
    expect(overall(SENDING, files)).toBeNull();
    expect(overall(SENDING, [...files, sent('c')])).toMatchObject({ count: 3, totalBytes: 300 });
  });

  it('leaves out texts, and what others send', () => {
    const theirs = sent('c', { mine: false });
    expect(overall(SENDING, [sent('a'), sent('b', { kind: 'text' }), theirs])).toBeNull();
  });

  it('keeps what is complete until nothing is on its way', () => {
    const done = sent('a', { state: 'complete', activity: { kind: 'idle' } });
    const both = [sent('a'), sent('b')];
    expect(overall(SENDING, both, [done, sent('b')])).toMatchObject({
      doneCount: 1,
      count: 2,
      doneBytes: 125,
      totalBytes: 200,
    });
    const after = [done, sent('b', { state: 'complete', activity: { kind: 'idle' } })];
    expect(overall(SENDING, both, after)).toBeNull();
    // The next ones are counted from the start.
    expect(overall(SENDING, both, after, [...after, sent('c')])).toBeNull();
  });

  it.each([
    ['failed', [sent('a', { activity: FAILED })]],
    ['was stopped', []],
  ])('loses what %s', (_name, left) => {
    const after = [...left, sent('b'), sent('c')];
    expect(overall(SENDING, [sent('a'), sent('b'), sent('c')], after)).toMatchObject({
      doneCount: 0,
      count: 2,
      totalBytes: 200,
    });
  });
});

describe('what is saved', () => {
  it('counts files and folders, done when all of them is on the disk', () => {
    const zips = new Map([['folder', { activity: SAVES, file: null }]]);
    const before = stateOf({ contents: [saved('a', SAVES), saved('b', SAVES)], zips });
    expect(overall(SAVING, before)).toMatchObject({ doneCount: 0, count: 3 });
    const after = stateOf({
      contents: [saved('a', SAVED), saved('b', SAVES)],
      zips: new Map([['folder', { activity: SAVED, file: null }]]),
    });
    expect(overall(SAVING, before, after)).toMatchObject({
      doneCount: 2,
      count: 3,
      doneBytes: 225,
      totalBytes: 300,
    });
  });

  it('loses what was stopped', () => {
    const before = [saved('a', SAVES), saved('b', SAVES), saved('c', SAVES)];
    const after = [saved('a', { kind: 'idle' }), saved('b', SAVES), saved('c', SAVES)];
    expect(overall(SAVING, before, after)).toMatchObject({ doneCount: 0, count: 2 });
  });

  it('counts what is saved once more as on its way', () => {
    const first = [saved('a', SAVES), saved('b', SAVES)];
    const then = [saved('a', SAVED), saved('b', SAVES)];
    expect(overall(SAVING, first, then, first)).toMatchObject({ doneCount: 0, count: 2 });
  });

  it('has no whole while the length of one of them is not known', () => {
    const stream: Activity = { kind: 'saving', progress: { ...PROGRESS, totalBytes: null } };
    const both = overall(SAVING, [saved('a', stream), saved('b', SAVES)]);
    expect(both).toMatchObject({ doneBytes: 50, totalBytes: null });
  });

  it('is nothing of what is sent', () => {
    const waits: Activity = { kind: 'waiting', progress: PROGRESS, problem: null };
    expect(overall(SAVING, [sent('a', { activity: waits }), saved('b', SAVES)])).toBeNull();
  });
});

it.each([
  [['paused', 'sending'], 'moving'],
  [['idle', 'waiting'], 'waiting'],
  [['paused', 'waiting'], 'waiting'],
  [['idle', 'paused'], 'moving'],
  [['paused', 'paused'], 'paused'],
] as const)('of %j it is said that they are %s', (kinds, standing) => {
  expect(standingOf(kinds)).toBe(standing);
});
