import 'fake-indexeddb/auto';

import { IDBFactory } from 'fake-indexeddb';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { base64url } from '../crypto/bytes';
import { layoutOf } from '../transfer/sizes';
import { draftFile } from './drafting';
import type { SealedFolder } from './grouping';
import { joinedMember, reloaded, TabLocks, uploading } from './testing-uploads';

const member = await joinedMember();
beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
});

const NAME = 'data.bin';
const CHANGED_AT = 1_700_000_000_000;
const GROUP = { id: '5'.repeat(32), name: 'f', count: 9 };

const SIZE = 100_000;
/** The bytes that are sealed of it (protocol.md 5). */
const PADDED = layoutOf(SIZE).paddedSize;
const THUMB = { width: 400, height: 300, data: base64url(new Uint8Array([0xff, 0xd8, 0xff])) };

interface Begun {
  readonly file: File;
  readonly path?: string;
  /** The byte that the first chunk was full of, if it was sealed. */
  readonly sealed?: number;
}

function fileOf(fill: number, { lastModified = CHANGED_AT, name = NAME, size = SIZE } = {}) {
  return new File([new Uint8Array(size).fill(fill)], name, { lastModified });
}

/** A file that was there when it was chosen, and cannot be read any more. */
function unreadable(size: number): File {
  const file = fileOf(1, { size });
  file.arrayBuffer = () => Promise.reject(new DOMException('', 'NotFoundError'));
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
    before.uploads.start({ ...draft, thumb: () => Promise.resolve(THUMB) });
  }
  await vi.waitFor(() => {
    expect(before.control.asked).toHaveLength(begun.length);
  });
  for (const [at, { sealed: fill }] of begun.entries()) {
    if (fill === undefined) continue;
    const plain = await member.keys.digest(new Uint8Array(PADDED).fill(fill, 0, SIZE));
    const digests = { sealed: new Uint8Array(32).fill(fill), plain };
    await before.unfinished.keepDigests(ids[at] ?? '', 0, digests);
  }
  before.unfinished.end();
  const tab = await reloaded(member, locks, deduplicates);
  await vi.waitFor(() => {
    expect(tab.found()).toHaveLength(begun.length);
  });
  return { ...tab, ids };
}

describe('of uploads whose files have the same name and size', () => {
  const twins = [
    { file: fileOf(1), path: 'f/1/data.bin', sealed: 1 },
    { file: fileOf(2), path: 'f/2/data.bin', sealed: 2 },
  ];

  it.each([
    [1, true],
    [2, true],
    [1, false],
    [2, false],
  ])('that goes on whose bytes a file has (%i, equal keys: %s)', async (fill, deduplicates) => {
    const { uploads, control, found, ids } = await interrupted(twins, deduplicates);
    await uploads.interrupted.resume([fileOf(fill)], null);
    await vi.waitFor(() => {
      expect(control.ids).toEqual([ids[fill - 1]]);
    });
    expect(found().map(({ contentId }) => contentId)).toEqual([ids[2 - fill]]);
  });

  it.each([true, false])('none goes on with other bytes (equal keys: %s)', async (deduplicates) => {
    const { uploads, found } = await interrupted(twins, deduplicates);
    await expect(uploads.interrupted.resume([fileOf(3)], null)).rejects.toThrow('another file');
    expect(found()).toHaveLength(2);
  });

  it('that goes on whose file has the same time of change', async () => {
    const later = { file: fileOf(1, { lastModified: CHANGED_AT + 1 }), path: 'f/3/data.bin' };
    const { uploads, control, ids } = await interrupted([...twins, later].slice(1));
    await uploads.interrupted.resume([later.file], null);
    await vi.waitFor(() => {
      expect(control.ids).toEqual([ids[1]]);
    });
  });

  it('none goes on with a file that is shared by itself', async () => {
    const { sharing, control, found, ids } = await interrupted(twins);
    await sharing.share([fileOf(1)]);
    await vi.waitFor(() => {
      expect(control.ids).toHaveLength(1);
    });
    expect(ids).not.toContain(control.ids[0]);
    expect(found()).toHaveLength(2);
  });
});

it.each([true, false])(
  'goes on with a shared file of another time only if it is its own (equal keys: %s)',
  async (deduplicates) => {
    const begun = [{ file: fileOf(1), sealed: 1 }];
    const { sharing, control, found, ids } = await interrupted(begun, deduplicates);
    await sharing.share([fileOf(2, { lastModified: CHANGED_AT + 1 })]);
    await vi.waitFor(() => {
      expect(control.ids).toHaveLength(1);
    });
    expect(ids).not.toContain(control.ids[0]);
    expect(found().map(({ contentId }) => contentId)).toEqual(ids);
    await sharing.share([fileOf(1, { lastModified: CHANGED_AT + 1 })]);
    await vi.waitFor(() => {
      expect(control.ids).toHaveLength(2);
    });
    // Own keys prove what was sent alone: a file of another time is another one.
    expect(control.ids[1] === ids[0]).toBe(deduplicates);
  },
);

it.each([true, false])('goes on under its own name (equal keys: %s)', async (deduplicates) => {
  const parts = ['part.aa', 'part.ab'].map((name, at) => fileOf(at, { name }));
  const begun = parts.map((file) => ({ file }));
  const { uploads, control, found, ids } = await interrupted(begun, deduplicates);
  const other = fileOf(0, { name: 'part.ac' });
  await expect(uploads.interrupted.resume([other], null)).rejects.toThrow('another file');
  for (const at of [1, 0]) {
    await uploads.interrupted.resume(parts.slice(at, at + 1), null);
    expect(found().map(({ contentId }) => contentId)).toEqual(ids.slice(0, at));
  }
  await vi.waitFor(() => {
    expect(control.ids.toSorted()).toEqual(ids.toSorted());
  });
});

it.each([true, false])(
  'sends as new what was changed in place, as it is now (equal keys: %s)',
  async (deduplicates) => {
    const begun = [{ file: fileOf(1), path: 'f/1/data.bin', sealed: 1 }];
    const { uploads, control, shown, ids } = await interrupted(begun, deduplicates);
    await uploads.interrupted.resume([fileOf(2)], null);
    await vi.waitFor(() => {
      expect(control.of('content:share')).toHaveLength(1);
    });
    // Whether it is listed here or not: else it would lie there until it is given up.
    expect(control.of('content:remove')).toEqual(ids);
    const [id = '', manifest = ''] = [control.of('content:share')[0], control.manifests[0]];
    expect(ids).not.toContain(id);
    expect(shown().map(({ contentId }) => contentId)).toEqual([id]);
    const { manifest: sealed } = await member.keys.keeper.openManifest(id, manifest);
    expect(sealed).toMatchObject({ name: NAME, path: 'f/1/data.bin', group: GROUP });
    expect(sealed).not.toHaveProperty('thumb');
  },
);

it('sends the file that replaces it although the server gives it up in that moment', async () => {
  const begun = [{ file: fileOf(1), sealed: 1 }];
  const { uploads, control, shown, ids } = await interrupted(begun);
  const file = fileOf(2, { size: SIZE + 1 });
  // The file is read for its kind: that is the moment.
  const slice = vi.spyOn(file, 'slice').mockImplementation((...range) => {
    slice.mockRestore();
    uploads.removed(ids[0] ?? '', 'unfinished');
    return file.slice(...range);
  });
  const resumed = uploads.interrupted.resume([file], null);
  await resumed;
  await vi.waitFor(() => {
    expect(control.of('content:share')).toHaveLength(1);
  });
  expect(shown().map(({ contentId }) => contentId)).toEqual(control.of('content:share'));
});

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
