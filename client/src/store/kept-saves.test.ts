import 'fake-indexeddb/auto';

import { IDBFactory } from 'fake-indexeddb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { KeptChunks } from '../transfer/kept-chunks';
import { layoutOf } from '../transfer/sizes';
import { openSource } from '../transfer/source';
import { ContentServer } from '../transfer/testing';
import { Fetching } from './fetching';
import { idOf, openedOf, pageOf } from './fixtures';
import { Saves } from './saves';
import { StateStore } from './state';
import { joinedMember, TabLocks } from './testing-uploads';

const MIB = 1024 * 1024;
const ID = idOf(1);
const WEEK_MS = 7 * 86_400_000;
const FULL = new DOMException('full', 'QuotaExceededError');
const { keys, sessionId } = await joinedMember();
const plain = Uint8Array.from({ length: 5 * MIB + 77 }, (_, index) => (index * 31) >> 3);
const layout = layoutOf(plain.byteLength);
await keys.keeper.newContent(ID);
const source = openSource(new Blob([plain]), layout);
const sealed: Buffer[] = [];
for (let index = 0; index < layout.chunkCount; index += 1) {
  const isLast = index === layout.chunkCount - 1;
  const piece = await source.readChunk(index);
  const { bytes } = await keys.keeper.sealChunk(ID, index, isLast, layout.chunkSize, piece);
  sealed.push(Buffer.from(bytes));
}

let server: ContentServer;
beforeEach(async () => {
  globalThis.indexedDB = new IDBFactory();
  server = new ContentServer(sessionId);
  await server.start();
  sealed.forEach((bytes, index) => server.chunks.set(index, bytes));
  const storage = {
    estimate: () => Promise.resolve({ quota: 100 * MIB, usage: 0 }),
    persist: () => Promise.resolve(true),
  };
  vi.stubGlobal('navigator', { storage, userActivation: { isActive: true } });
  vi.stubGlobal('document', { baseURI: server.base });
});
afterEach(() => {
  server.stop();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** A tab that shows the content; its files take pieces as `write` does. */
async function tab(write: () => Promise<void> = () => Promise.resolve(), locks = new TabLocks()) {
  const state = new StateStore('garden', 'Ada');
  const row = openedOf(1, 1);
  const root = await keys.keeper.root(server.digests());
  const manifest = { ...row.opened.manifest, ...layout, root };
  const rows = [{ ...row, opened: { ...row.opened, manifest } }];
  state.dispatch({ kind: 'page', page: pageOf('first', { through: 1, rows }) });
  const now = () => {
    throw new Error('it is not asked for');
  };
  const lines = { joined: server.joined, drop: server.drop, now };
  const kept = await KeptChunks.open(sessionId);
  const saves = new Saves(new Fetching(keys, lines, state), state, Promise.resolve(kept), locks);
  const written: Uint8Array[] = [];
  const writable = {
    write: async (piece: Uint8Array) => {
      await write();
      written.push(piece.slice());
    },
    close: () => Promise.resolve(),
    abort: () => Promise.resolve(),
  };
  const save = () => {
    const createWritable = () => Promise.resolve(writable);
    vi.stubGlobal('window', { showSaveFilePicker: () => Promise.resolve({ createWritable }) });
    return saves.save(ID);
  };
  const activity = () => state.model.contents.activities.get(ID);
  return { saves, save, activity, file: () => Buffer.concat(written) };
}

/** Do an act when piece `index` is to be written, for each of these. */
function at(...acts: readonly (readonly [index: number, act: () => unknown])[]) {
  const left = new Map(acts);
  let index = 0;
  return async () => {
    await left.get(index++)?.();
  };
}

const fail = () => Promise.reject(FULL);

async function rowsCount(): Promise<readonly number[]> {
  const database = await new Promise<IDBDatabase>((resolve) => {
    const asked = indexedDB.open('kept', 1);
    asked.onsuccess = () => resolve(asked.result);
  });
  const counts = await Promise.all(
    ['parts', 'chunks'].map(
      (name) =>
        new Promise<number>((resolve) => {
          const asked = database.transaction(name).objectStore(name).count();
          asked.onsuccess = () => resolve(asked.result);
        }),
    ),
  );
  database.close();
  return counts;
}

/** The browser's storage has no more room: what is put gives up its transaction. */
function fillStorage(): void {
  const refuse = function (this: IDBObjectStore, value: unknown, key?: IDBValidKey) {
    const request = this.add(value, key);
    this.transaction.abort();
    return request;
  };
  vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(refuse);
}

describe('a save', () => {
  it('that fails is kept', async () => {
    const { save, activity } = await tab(at([3, fail]));
    expect(await save()).toBeNull();
    expect(activity()).toMatchObject({ kind: 'kept', problem: { code: 'save_failed' } });
    expect((await rowsCount())[0]).toBe(1);
  });

  it('of what was removed meanwhile ends at once, says so, and leaves nothing', async () => {
    const { saves, save } = await tab(at([3, () => new Promise(() => undefined)]));
    const saving = save();
    await vi.waitFor(async () => {
      expect((await rowsCount())[1]).toBeGreaterThan(3);
    });
    saves.stop(ID, true);
    await expect(saving).rejects.toMatchObject({ code: 'content_not_found' });
    expect(await rowsCount()).toEqual([0, 0]);
  });

  it('goes on without keeping when the storage is full', async () => {
    const { save, file } = await tab(at([0, fillStorage]));
    expect(await save()).toBe('disk');
    expect(file().equals(plain)).toBe(true);
    expect(await rowsCount()).toEqual([0, 0]);
  });

  it('keeps nothing after that, and says that it failed', async () => {
    const { save, activity } = await tab(at([0, fillStorage], [5, fail]));
    expect(await save()).toBeNull();
    expect(activity()).toMatchObject({ kind: 'failed', problem: { code: 'save_failed' } });
    expect(await rowsCount()).toEqual([0, 0]);
  });
});

describe('what is kept of a save', () => {
  it('grows no more once it was discarded', async () => {
    const kept = await KeptChunks.open(sessionId);
    const part = await kept?.begin(ID, null, layout.chunkSize);
    await part?.put(0, new Uint8Array(3));
    expect(await rowsCount()).toEqual([1, 1]);
    await kept?.forget(ID);
    await part?.put(1, new Uint8Array(3));
    expect(await rowsCount()).toEqual([0, 0]);
  });

  it.each([
    [WEEK_MS, 'kept'],
    [WEEK_MS + 1, undefined],
  ])('is gone on with for a week: %d ms', async (laterMs, kind) => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const first = await tab(at([3, fail]));
    await first.save();
    vi.setSystemTime(Date.now() + laterMs);
    const second = await tab();
    await second.saves.recall();
    expect(second.activity()?.kind).toBe(kind);
    expect((await rowsCount())[0]).toBe(kind === undefined ? 0 : 1);
  });

  it.each(['comes to its end', 'fails'])('is left to its tab until that %s', async (end) => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const locks = new TabLocks();
    const fails = end === 'fails';
    const one = await tab(at([3, () => held], [4, fails ? fail : () => undefined]), locks);
    const saving = one.save();
    await vi.waitFor(async () => {
      expect((await rowsCount())[1]).toBeGreaterThan(3);
    });
    const two = await tab(undefined, locks);
    await two.saves.recall();
    expect(two.activity()?.kind).toBe('elsewhere');
    two.saves.stop(ID, false);
    expect(await two.save()).toBeNull();
    expect((await rowsCount())[0]).toBe(1);
    release();
    expect(await saving).toBe(fails ? null : 'disk');
    one.saves.stopAll();
    await vi.waitFor(() => {
      expect(two.activity()?.kind).toBe(fails ? 'kept' : undefined);
    });
    expect(await two.save()).toBe('disk');
    expect(two.file().equals(plain)).toBe(true);
    expect(await rowsCount()).toEqual([0, 0]);
  });

  it('is not forgotten by a tab that comes before the first chunk is kept', async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const locks = new TabLocks();
    const put = vi.spyOn(KeptChunks.prototype, 'begin').mockImplementationOnce(async function (
      this: KeptChunks,
      ...given
    ) {
      put.mockRestore();
      const kept = await this.begin(...given);
      await held;
      return kept;
    });
    const one = await tab(at([3, fail]), locks);
    const saving = one.save();
    await vi.waitFor(async () => {
      expect(await rowsCount()).toEqual([1, 0]);
    });
    const two = await tab(undefined, locks);
    await two.saves.recall();
    expect(two.activity()?.kind).toBe('elsewhere');
    release();
    expect(await saving).toBeNull();
    expect(one.activity()?.kind).toBe('kept');
  });
});
