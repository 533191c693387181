import 'fake-indexeddb/auto';

import { IDBFactory } from 'fake-indexeddb';
import { openDB } from 'idb';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { Shelf } from '../transfer/shelf';
import { draftFile } from './drafting';
import { joinedMember, uploading } from './testing-uploads';

const member = await joinedMember();
beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
});

async function rowsCount(): Promise<number> {
  (await Shelf.open(0)).close();
  const database = await openDB('uploads', 1);
  const count = await database.count('uploads');
  database.close();
  return count;
}

describe('an upload that was cancelled', () => {
  it('while its thumbnail was made is not kept any more', async () => {
    const tab = uploading(member);
    const draft = await draftFile(new File([new Uint8Array(20_000)], 'a.bin'), 'Ada');
    let make: () => void = () => undefined;
    const made = new Promise<null>((resolve) => (make = () => resolve(null)));
    const thumb = vi.fn(() => made);
    tab.uploads.start({ ...draft, thumb });
    await vi.waitFor(() => {
      expect(thumb).toHaveBeenCalled();
    });
    await vi.waitFor(async () => {
      expect(await rowsCount()).toBe(1);
    });
    tab.uploads.cancel(draft.contentId);
    make();
    await member.keys.keeper.root([]);
    await member.keys.keeper.root([]);
    await vi.waitFor(async () => {
      expect(await rowsCount()).toBe(0);
    });
    expect(tab.control.asked).toEqual([]);
  });

  it.each([
    ['waited', 1, 1],
    ['waited', 1, 2],
    ['waited', 1, 3],
    ['had its turn', 2, 1],
    ['had its turn', 2, 2],
    ['had its turn', 2, 3],
  ])('while its row was sealed as it %s is not kept: %i, %i', async (_, at, steps) => {
    const { unfinished, uploads, control } = uploading(member);
    const draft = await draftFile(new File([new Uint8Array(20_000)], 'a.bin'), 'Ada');
    const keep = unfinished.keep.bind(unfinished);
    const kept: Promise<void>[] = [];
    const keeping = vi.spyOn(unfinished, 'keep');
    keeping.mockImplementation(async (recalled) => {
      const done = keep(recalled);
      kept.push(done);
      if (kept.length < at) {
        await done;
        return;
      }
      for (let step = 1; step < steps; step += 1) await member.keys.keeper.root([]);
      uploads.cancel(draft.contentId);
      await done;
    });
    uploads.start(draft);
    await vi.waitFor(() => {
      expect(kept).toHaveLength(at);
    });
    await Promise.all(kept);
    await member.keys.keeper.root([]);
    await vi.waitFor(async () => {
      expect(await rowsCount()).toBe(0);
    });
    expect(control.asked.filter(({ event }) => event === 'content:share')).toEqual([]);
  });

  it('leaves no chunk behind that comes later', async () => {
    const shelf = await Shelf.open(0);
    const [place, id, bytes] = ['1'.repeat(32), '2'.repeat(32), new Uint8Array(3)];
    await shelf.put(place, id, bytes, 1);
    await shelf.putChunk(place, id, 0, bytes);
    expect(await shelf.chunks(place, id)).toHaveLength(1);
    await shelf.remove(place, id);
    await shelf.putChunk(place, id, 1, bytes);
    expect(await shelf.chunks(place, id)).toEqual([]);
    shelf.close();
  });
});
