import 'fake-indexeddb/auto';

import { IDBFactory } from 'fake-indexeddb';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { KeptChunks } from './kept-chunks';

const SESSION = 'a'.repeat(32);
const ID = 'c'.repeat(32);
const MIB = 1024 * 1024;
const SIZE = 8 * MIB;

beforeEach(() => {
  vi.stubGlobal('indexedDB', new IDBFactory());
});
afterEach(() => {
  vi.unstubAllGlobals();
});

async function opened(): Promise<KeptChunks> {
  const chunks = await KeptChunks.open(SESSION);
  if (chunks === null) throw new Error('nothing is kept');
  return chunks;
}

/** The storage of a browser that has so many bytes left. */
function leaving(bytes: number) {
  const estimate = { quota: bytes + 9, usage: 9 };
  return { estimate: () => Promise.resolve(estimate), persist: () => Promise.resolve(false) };
}

it.each([
  ['as much room as it takes', { storage: leaving(2 * SIZE) }],
  ['a storage that says nothing of its room', { storage: {} }],
  ['no storage that says anything', {}],
])('keeps chunks over a reload where there is %s', async (_name, navigator) => {
  vi.stubGlobal('navigator', navigator);
  const kept = await (await opened()).begin(ID, SIZE, MIB);
  await kept?.put(3, Uint8Array.of(1, 2, 3));
  const again = await opened();
  expect(await again.list()).toEqual([{ contentId: ID, keptBytes: MIB }]);
  const going = await again.begin(ID, SIZE, MIB);
  expect(await going?.get(3)).toEqual(Uint8Array.of(1, 2, 3));
  expect(await going?.get(4)).toBeNull();
});

it('keeps nothing where the file would not fit beside its chunks', async () => {
  vi.stubGlobal('navigator', { storage: leaving(2 * SIZE - 1) });
  expect(await (await opened()).begin(ID, SIZE, MIB)).toBeNull();
});

it('removes what there is of a content when room ends, though nothing was said of it', async () => {
  vi.stubGlobal('navigator', {});
  const chunks = await opened();
  const kept = await chunks.begin(ID, SIZE, MIB);
  await kept?.put(0, Uint8Array.of(1));
  const full = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
    throw new DOMException('', 'QuotaExceededError');
  });
  await kept?.put(1, Uint8Array.of(2));
  full.mockRestore();
  expect(await chunks.list()).toEqual([]);
});
