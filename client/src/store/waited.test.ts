import 'fake-indexeddb/auto';

import { IDBFactory } from 'fake-indexeddb';
import { openDB } from 'idb';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { Shelf } from '../transfer/shelf';
import { draftFile } from './drafting';
import type { ChosenFile } from './grouping';
import { readRecalled } from './recalled';
import { BEGUN, type Held, joinedMember, reloaded, TabLocks, uploading } from './testing-uploads';

const member = await joinedMember();
beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
});

const CHANGED_AT = 1_700_000_000_000;
const SIZE = 100_000;

function fileOf(name: string, { lastModified = CHANGED_AT, fill = 7 } = {}): File {
  return new File([new Uint8Array(SIZE).fill(fill)], name, { lastModified });
}

function inFolder(path: string): ChosenFile {
  return { file: fileOf(path.split('/').at(-1) ?? ''), path };
}

async function areKept(count: number): Promise<void> {
  (await Shelf.open(0)).close();
  const database = await openDB('uploads', 1);
  await vi.waitFor(async () => {
    expect(await database.count('uploads')).toBe(count);
  });
  database.close();
}

/** A page in which two uploads have begun, and with them those that take the two places. */
async function busy() {
  const locks = new TabLocks();
  const before = uploading(member, true, locks);
  for (const name of ['one.mp4', 'two.mp4']) {
    before.uploads.start(await draftFile(fileOf(name), 'Ada'));
  }
  await vi.waitFor(() => {
    expect(before.control.asked).toHaveLength(2);
  });
  return { ...before, locks };
}

/** The page once more after it was closed while `count` uploads were kept. */
async function after({ unfinished, locks }: Awaited<ReturnType<typeof busy>>, count: number) {
  await areKept(count);
  unfinished.end();
  const tab = await reloaded(member, locks);
  await vi.waitFor(() => {
    expect(tab.found()).toHaveLength(count);
  });
  return tab;
}

/** Answer until so many contents are complete; gives what they are called in their manifests. */
async function completed(control: Held, count: number, by: 'name' | 'path' = 'name') {
  const names: unknown[] = [];
  for (let at = 0; at < count; at += 1) {
    await vi.waitFor(() => {
      expect(control.ids.length).toBeGreaterThan(at);
    });
    const { manifest } = await member.keys.keeper.openManifest(
      control.ids[at] ?? '',
      control.manifests[at] ?? '',
    );
    names.push(manifest[by]);
    control.answer(BEGUN);
  }
  expect(control.asked.map(({ event }) => event)).toEqual(names.map(() => 'content:share'));
  return names.toSorted();
}

describe('what waited for its turn when the page was closed', () => {
  const files = Array.from({ length: 20 }, (_, at) => fileOf(`${String(at + 10)}.mp4`));
  const names = files.map(({ name }) => name);

  it.each(['chosen', 'shared'])('is shown, and is sent once when it is %s again', async (how) => {
    const locks = new TabLocks();
    const before = uploading(member, true, locks);
    await before.sharing.share(files);
    const { sharing, uploads, control, found, shown } = await after({ ...before, locks }, 20);
    expect(
      found()
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(names);
    if (how === 'chosen') await uploads.interrupted.resume(files, null);
    else await sharing.share(files);
    expect(await completed(control, 20)).toEqual(names);
    expect(shown()).toHaveLength(20);
    await areKept(0);
  });

  it('is shown too when its file was just being read', async () => {
    const locks = new TabLocks();
    const before = uploading(member, true, locks);
    const draft = await draftFile(fileOf('disk.img'), 'Ada');
    const readChunk = () => new Promise<never>(() => undefined);
    before.uploads.start({ ...draft, source: { ...draft.source, readChunk } }, 600);
    const { uploads, control, found } = await after({ ...before, locks }, 1);
    expect(found()[0]?.activity).toEqual({ kind: 'interrupted', keptSeconds: null });
    await uploads.interrupted.resume([fileOf('disk.img')], draft.contentId);
    expect(await completed(control, 1)).toEqual(['disk.img']);
    expect(control.lifetimes).toEqual([600]);
  });

  it('takes a file of another time only where that was chosen for it', async () => {
    const before = await busy();
    before.uploads.start(await draftFile(fileOf('three.mp4'), 'Ada'));
    const { sharing, uploads, control, found } = await after(before, 3);
    const changed = fileOf('three.mp4', { lastModified: CHANGED_AT + 1 });
    await sharing.share([changed]);
    expect(await completed(control, 1)).toEqual(['three.mp4']);
    expect(found()).toHaveLength(3);
    await uploads.interrupted.resume([changed], null);
    await completed(control, 2);
    expect(
      found()
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(['one.mp4', 'two.mp4']);
  });

  it('takes one file each where several are called the same, but none from folders', async () => {
    const before = await busy();
    const group = { id: '5'.repeat(32), name: 'f', count: 2 };
    const folders = ['f/1/x.mp4', 'f/2/x.mp4'].map((path) => ({ path, group }));
    for (const folder of [null, null, ...folders]) {
      before.uploads.start(await draftFile(fileOf('x.mp4'), 'Ada', folder));
    }
    const { uploads, control, found } = await after(before, 6);
    const [first, second] = [fileOf('x.mp4', { fill: 1 }), fileOf('x.mp4', { fill: 2 })];
    await uploads.interrupted.resume([first, second], null);
    await completed(control, 2);
    expect(new Set(control.blobIds).size).toBe(2);
    await expect(uploads.interrupted.resume([first], null)).rejects.toThrow('another file');
    const left = found().flatMap(({ folder }) => (folder === null ? [] : [folder.path]));
    expect(left.toSorted()).toEqual(['f/1/x.mp4', 'f/2/x.mp4']);
  });

  it('goes on in the group of its folder when that is chosen again', async () => {
    const before = await busy();
    const folder = { name: 'f', files: ['f/a', 'f/b', 'f/c'].map(inFolder) };
    await before.sharing.shareFolder(folder);
    const { sharing, control, shown } = await after(before, 5);
    const groups = () => new Set(shown().map((content) => content.folder?.group.id));
    const known = groups();
    await sharing.shareFolder(folder);
    expect(await completed(control, 3, 'path')).toEqual(['f/a', 'f/b', 'f/c']);
    expect(groups()).toEqual(known);
    expect(shown()).toHaveLength(5);
  });

  it('is forgotten when it is cancelled, and no server is asked to', async () => {
    const before = await busy();
    const draft = await draftFile(fileOf('three.mp4'), 'Ada');
    before.uploads.start(draft);
    const { uploads, control, shown } = await after(before, 3);
    uploads.cancel(draft.contentId);
    await areKept(2);
    expect(shown()).toHaveLength(2);
    expect(control.asked).toEqual([]);
  });

  it('is known as what became of it until its tab was closed', async () => {
    const { uploads, control, unfinished, locks } = await busy();
    const draft = await draftFile(fileOf('three.mp4'), 'Ada');
    uploads.start(draft);
    await areKept(3);
    const other = await reloaded(member, locks);
    control.answer(BEGUN);
    await vi.waitFor(() => {
      expect(control.ids).toContain(draft.contentId);
    });
    unfinished.end();
    await vi.waitFor(() => {
      expect(other.found()).toHaveLength(2);
    });
    await other.uploads.interrupted.resume([fileOf('three.mp4')], null);
    await vi.waitFor(() => {
      expect(other.control.ids).toEqual([draft.contentId]);
    });
  });
});

describe('keeping what waits', () => {
  it('keeps nothing that is to be sent waiting', async () => {
    const put = vi.spyOn(Shelf.prototype, 'put');
    const { sharing, control } = uploading(member);
    put.mockImplementation(async (_place, id, sealed) => {
      const { manifest } = readRecalled(await member.keys.keeper.openLocal(id, sealed));
      if (!['10', '11'].includes(manifest.name)) await new Promise(() => undefined);
    });
    await sharing.share(Array.from({ length: 50 }, (_, at) => fileOf(String(at + 10))));
    expect(await completed(control, 2)).toEqual(['10', '11']);
    put.mockRestore();
  });

  it('does not hinder what is sent where nothing can be kept', async () => {
    const put = vi.spyOn(Shelf.prototype, 'put');
    put.mockRejectedValue(new DOMException('', 'QuotaExceededError'));
    const { sharing, control } = uploading(member);
    await sharing.share(['a', 'b', 'c'].map((name) => fileOf(name)));
    expect(await completed(control, 3)).toEqual(['a', 'b', 'c']);
    put.mockRestore();
  });

  it('keeps nothing of what is sent at once', async () => {
    const { uploads, control } = uploading(member);
    uploads.start(await draftFile(new File(['small'], 'note.txt'), 'Ada'));
    await vi.waitFor(() => {
      expect(control.asked).toHaveLength(1);
    });
    await areKept(0);
  });
});
