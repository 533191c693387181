import { describe, expect, it } from 'vitest';

import {
  clearContents,
  type Contents,
  DRAFT_POSITION,
  forgetRows,
  listContents,
  listUnreadable,
  markActivity,
  markProgress,
  mergeListing,
  mergeRows,
  NO_CONTENTS,
  removeContents,
  storedPlainBytes,
} from './contents';
import { addDrafts } from './drafts';
import { arrivingOf, idOf, openedOf, randomOf, rowOf } from './fixtures';
import type { Activity, Content } from './model';

const PROBLEM = { code: 'content_damaged', message: 'It does not open.', retryable: false };
const SENDING: Activity = {
  kind: 'sending',
  progress: { doneBytes: 1, totalBytes: 9, bytesPerSecond: 0, secondsLeft: null },
};

function draftOf(number: number, createdAt = 5): Content {
  const [content] = listContents(mergeRows(NO_CONTENTS, [openedOf(number, 1)]));
  if (content === undefined) throw new Error('no content');
  const place = { position: DRAFT_POSITION, revision: 0, createdAt };
  return { ...content, ...place, activity: SENDING, mine: true };
}

function namesOf(contents: Contents): readonly string[] {
  return listContents(contents).map((content) => content.name);
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, key: random() }))
    .sort((one, other) => one.key - other.key)
    .map(({ item }) => item);
}

describe('rows', () => {
  it('end the same in whatever order and however often they come', () => {
    const random = randomOf(7);
    const history = [1, 2, 3].flatMap((number) =>
      [1, 4, 9].map((revision) => openedOf(number, revision + number)),
    );
    const whole = mergeRows(NO_CONTENTS, history);
    expect(namesOf(whole)).toEqual(['1@10', '2@11', '3@12']);
    for (let round = 0; round < 200; round += 1) {
      const late = shuffled([...history, ...history.slice(0, 4)], random);
      const cut = Math.floor(random() * late.length);
      const merged = mergeRows(mergeRows(NO_CONTENTS, late.slice(0, cut)), late.slice(cut));
      expect(listContents(merged)).toEqual(listContents(whole));
    }
  });

  it('of a removed content do not bring it back', () => {
    const random = randomOf(11);
    for (let round = 0; round < 100; round += 1) {
      const steps = shuffled([1, 2, 3, 4, 5], random).map(
        (revision) => (contents: Contents) => mergeRows(contents, [openedOf(1, revision)]),
      );
      const at = Math.floor(random() * (steps.length + 1));
      steps.splice(at, 0, (contents) => removeContents(contents, [idOf(1)]));
      const end = steps.reduce((contents, step) => step(contents), NO_CONTENTS);
      expect(listContents(end)).toEqual([]);
    }
  });

  it('that do not open are shown as damaged at their place, and mended by a later revision', () => {
    const damaged = { row: rowOf(2, 3), opened: { problem: PROBLEM } };
    const contents = mergeRows(NO_CONTENTS, [openedOf(1, 1), damaged]);
    expect(namesOf(contents)).toEqual(['1@1']);
    expect(listUnreadable(contents)).toEqual([
      { contentId: idOf(2), position: 2, revision: 3, problem: PROBLEM },
    ]);
    const mended = mergeRows(contents, [openedOf(2, 4)]);
    expect(namesOf(mended)).toEqual(['1@1', '2@4']);
    expect(listUnreadable(mended)).toEqual([]);
  });

  it('with an older manifest than was seen are refused, also in a listing anew', () => {
    const withManifest = (revision: number, manifestRevision: number) => {
      const { row, opened } = openedOf(1, revision);
      return { row, opened: { ...opened, manifestRevision } };
    };
    const renamed = mergeRows(NO_CONTENTS, [withManifest(1, 2), withManifest(2, 3)]);
    expect(namesOf(renamed)).toEqual(['1@2']);
    for (const known of [renamed, forgetRows(renamed)]) {
      const back = mergeRows(known, [withManifest(3, 2)]);
      expect(namesOf(back)).toEqual([]);
      expect(listUnreadable(back)).toMatchObject([{ problem: { code: 'manifest_rolled_back' } }]);
      expect(namesOf(mergeRows(back, [withManifest(4, 3)]))).toEqual(['1@4']);
    }
  });

  it('that heal a damaged content end the failure of saving it, and nothing else does', () => {
    const failed = { kind: 'failed', problem: PROBLEM } as const;
    const damaged = mergeRows(NO_CONTENTS, [openedOf(1, 1, { state: 'damaged' })]);
    const tried = markActivity(damaged, idOf(1), failed);
    const activityOf = (contents: Contents) => listContents(contents)[0]?.activity;
    const renamed = mergeRows(tried, [openedOf(1, 2, { state: 'damaged' })]);
    expect(activityOf(renamed)).toEqual(failed);
    expect(activityOf(mergeRows(renamed, [openedOf(1, 3)]))).toEqual({ kind: 'idle' });
    const whole = markActivity(mergeRows(NO_CONTENTS, [openedOf(1, 1)]), idOf(1), failed);
    expect(activityOf(mergeRows(whole, [openedOf(1, 2)]))).toEqual(failed);
  });

  it('leave the state before them as it was', () => {
    const before = mergeRows(NO_CONTENTS, [openedOf(1, 1)]);
    mergeRows(before, [openedOf(1, 2)]);
    removeContents(before, [idOf(1)]);
    markActivity(before, idOf(1), SENDING);
    expect(namesOf(before)).toEqual(['1@1']);
    expect(before.removed.size + before.activities.size).toBe(0);
    expect(NO_CONTENTS.items.size).toBe(0);
  });
});

describe('a listing', () => {
  it('goes on before its last row, not before an old one that was changed', () => {
    const first = mergeListing(NO_CONTENTS, [openedOf(9, 9), openedOf(8, 8)], true);
    const changed = mergeRows(first, [openedOf(2, 10)]);
    expect(changed.oldest).toBe(8);
    expect(changed.hasOlder).toBe(true);
    const second = mergeListing(changed, [openedOf(7, 7)], false);
    expect(second.oldest).toBe(7);
    expect(second.hasOlder).toBe(false);
    expect(namesOf(second)).toEqual(['2@10', '7@7', '8@8', '9@9']);
  });

  it('from the start forgets rows and removals, but not drafts', () => {
    const full = addDrafts(mergeListing(NO_CONTENTS, [openedOf(1, 1)], true), [draftOf(5)]);
    const gone = removeContents(full, [idOf(2)]);
    const anew = mergeRows(forgetRows(gone), [openedOf(2, 1)]);
    expect(listContents(anew).map((content) => content.contentId)).toEqual([idOf(2), idOf(5)]);
    expect(anew.oldest).toBeNull();
  });
});

describe('a draft', () => {
  it('stands last, in the order of sharing, and becomes its row', () => {
    const drafts = addDrafts(NO_CONTENTS, [draftOf(3, 30), draftOf(4, 20)]);
    const contents = mergeRows(drafts, [openedOf(9, 1)]);
    const ids = listContents(contents).map((content) => content.contentId);
    expect(ids).toEqual([idOf(9), idOf(4), idOf(3)]);
    const shared = mergeRows(contents, [openedOf(3, 2, { state: 'uploading' })]);
    const content = listContents(shared).find((one) => one.contentId === idOf(3));
    expect(content).toMatchObject({ position: 3, mine: true, activity: SENDING });
  });

  it('survives clearing, what was shared does not', () => {
    const contents = addDrafts(mergeListing(NO_CONTENTS, [openedOf(1, 1)], true), [draftOf(5)]);
    const cleared = clearContents(contents);
    expect(listContents(cleared).map((content) => content.contentId)).toEqual([idOf(5)]);
    expect(cleared.hasOlder).toBe(false);
    expect(namesOf(mergeRows(cleared, [openedOf(1, 3)]))).toHaveLength(1);
  });
});

describe('progress', () => {
  const uploading = mergeRows(NO_CONTENTS, [
    openedOf(1, 1, { state: 'uploading', stored_count: 0, stored_bytes: 0 }),
  ]);
  const storedOf = (contents: Contents) => listContents(contents)[0]?.storedBytes;

  it('counts plain bytes, never more than the content has', () => {
    expect(storedOf(uploading)).toBe(0);
    expect(storedPlainBytes(2, 1064, 100_000)).toBe(1000);
    expect(storedPlainBytes(1, 200_000, 100_000)).toBe(100_000);
    expect(storedPlainBytes(1, 200_000, null)).toBe(199_968);
  });

  it('never goes back, and ends with the content', () => {
    const some = markProgress(uploading, idOf(1), arrivingOf(5000));
    expect(storedOf(markProgress(some, idOf(1), arrivingOf(1000)))).toBe(5000);
    const done = mergeRows(some, [openedOf(1, 2)]);
    expect(markProgress(done, idOf(1), arrivingOf(6000))).toBe(done);
    expect(markProgress(done, idOf(77), arrivingOf(6000))).toBe(done);
  });
});

it('keeps what this browser does over a change of the row, and drops it when idle', () => {
  const contents = mergeRows(NO_CONTENTS, [openedOf(1, 1)]);
  const busy = mergeRows(markActivity(contents, idOf(1), SENDING), [openedOf(1, 2)]);
  expect(listContents(busy)[0]?.activity).toEqual(SENDING);
  const idle = markActivity(busy, idOf(1), { kind: 'idle' });
  expect(listContents(idle)[0]?.activity).toEqual({ kind: 'idle' });
  expect(idle.activities.size).toBe(0);
});
