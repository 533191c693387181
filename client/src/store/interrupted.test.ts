import 'fake-indexeddb/auto';

import { IDBFactory } from 'fake-indexeddb';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';

import { draftFile } from './drafting';
import type { SealedFolder } from './grouping';
import { joinedKeys } from './testing';
import { reloaded, TabLocks, uploading } from './testing-uploads';

let member: Awaited<ReturnType<typeof joinedKeys>>;
beforeAll(async () => {
  member = await joinedKeys();
});
afterAll(() => {
  member.keys.close();
});
beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
});

const NAME = 'data.bin';
const CHANGED_AT = 1_700_000_000_000;
const GROUP = { id: '5'.repeat(32), name: 'f', count: 9 };

interface Begun {
  readonly file: File;
  readonly path?: string;
}

function fileOf(fill: number, { lastModified = CHANGED_AT, name = NAME, size = 100_000 } = {}) {
  return new File([new Uint8Array(size).fill(fill)], name, { lastModified });
}

/** A file that was there when it was chosen, and cannot be read any more. */
function unreadable(size: number): File {
  const file = fileOf(1, { size });
  file.slice = () => {
    const gone = new Blob();
    gone.arrayBuffer = () => Promise.reject(new DOMException('', 'NotFoundError'));
    return gone;
  };
  return file;
}

/** The page once more after it was closed over uploads of files, the first of which came first. */
async function interrupted(begun: readonly Begun[], deduplicates = true) {
  const locks = new TabLocks();
  const before = uploading(member, deduplicates, locks);
  const ids: string[] = [];
  for (const { file, path } of begun) {
    const folder: SealedFolder | null = path === undefined ? null : { path, group: GROUP };
    const draft = await draftFile(file, 'Ada', folder);
    ids.push(draft.contentId);
    before.uploads.start(draft);
  }
  await vi.waitFor(() => {
    expect(before.control.asked).toHaveLength(begun.length);
  });
  before.unfinished.end();
  const tab = await reloaded(member, locks, deduplicates);
  await vi.waitFor(() => {
    expect(tab.found()).toHaveLength(begun.length);
  });
  return { ...tab, ids };
}

it('waits on when the file that is to replace it cannot be read, and says so', async () => {
  const { uploads, control, shown, found } = await interrupted([{ file: fileOf(1) }]);
  await uploads.interrupted.resume([unreadable(7)], null);
  const problems = shown().flatMap(({ activity }) =>
    activity.kind === 'failed' ? [activity.problem.code] : [],
  );
  expect(problems).toEqual(['file_unreadable']);
  expect(found()).toHaveLength(1);
  expect(control.asked).toEqual([]);
});
