import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { Keeper } from '../crypto/keeper';
import { ownProblem } from '../protocol/errors';
import { download, type DownloadJob, type Extent } from './download';
import type { Kept } from './kept-chunks';
import { type Layout, layoutOf } from './sizes';
import { openSource } from './source';
import { type ContentServer, joinedServer } from './testing';

const MIB = 1024 * 1024;
const ID = 'c'.repeat(32);

let keeper: Keeper;
let server: ContentServer;
let layout: Layout;
let extent: Extent;
const plain = Uint8Array.from({ length: 5 * MIB + 77 }, (_, index) => (index * 31) >> 3);

beforeEach(async () => {
  ({ keeper, server } = await joinedServer());
  await keeper.newContent(ID);
  layout = layoutOf(plain.byteLength);
  const source = openSource(new Blob([plain]), layout);
  for (let index = 0; index < layout.chunkCount; index += 1) {
    const isLast = index === layout.chunkCount - 1;
    const piece = await source.readChunk(index);
    const sealed = await keeper.sealChunk(ID, index, isLast, layout.chunkSize, piece);
    server.chunks.set(index, Buffer.from(sealed.bytes));
  }
  extent = { ...layout, root: await keeper.root(server.digests()) };
});
afterEach(() => {
  server.stop();
  vi.unstubAllGlobals();
});

function jobOf(values: Partial<DownloadJob> = {}): DownloadJob {
  return {
    contentId: ID,
    extent: () => extent,
    completed: () => Promise.resolve(extent),
    arrival: () => Promise.resolve(true),
    open: (index, isLast, sealed) =>
      keeper.openChunk(ID, index, isLast, layout.chunkSize, sealed).catch((refusal: unknown) => {
        throw ownProblem('chunk_foreign', refusal);
      }),
    kept: null,
    rootOf: (digests) => keeper.root(digests),
    ...values,
  };
}

/** What belongs to chunk 2, sealed for another content. */
async function sealedElsewhere(): Promise<Buffer> {
  await keeper.newContent('d'.repeat(32));
  const piece = plain.slice(2 * MIB, 3 * MIB);
  return Buffer.from((await keeper.sealChunk('d'.repeat(32), 2, false, MIB, piece)).bytes);
}

/** Read to the end or the failure: what was given, and the failure's code. */
async function read(job: DownloadJob, signal = new AbortController().signal) {
  const given: Uint8Array[] = [];
  let code: unknown = null;
  try {
    for await (const piece of download(job, server, () => undefined, signal)) given.push(piece);
  } catch (thrown) {
    code = thrown instanceof Error && 'code' in thrown ? thrown.code : thrown;
  }
  return { given: Buffer.concat(given), code };
}

describe('a download', () => {
  it('fetches only what is not kept, and keeps what it has opened', async () => {
    const stored = new Map(
      [...server.chunks].slice(0, 3).map(([at, chunk]) => [at, new Uint8Array(chunk)]),
    );
    const given: Uint8Array[] = [];
    const kept: Kept = {
      get: (index) => Promise.resolve(stored.get(index)?.slice() ?? null),
      put: (index, sealed) => {
        given.push(sealed);
        stored.set(index, sealed.slice());
        return Promise.resolve();
      },
    };
    server.chunks.set(4, Buffer.from(server.chunks.get(4) ?? []).fill(0, 100, 101));
    expect((await read(jobOf({ kept }))).code).toBe('chunk_foreign');
    expect(server.got.map(([index]) => index)).toEqual([3, 4, 5]);
    expect([...stored.keys()].toSorted()).toEqual([0, 1, 2, 3, 5]);
    expect(server.chunks.get(5)?.equals(stored.get(5) ?? new Uint8Array())).toBe(true);
    expect(given.map(({ byteLength }) => byteLength)).toEqual([0, 0]);
  });

  it('gives the content without its padding', async () => {
    expect(layout.paddedSize).toBeGreaterThan(layout.size);
    const { given, code } = await read(jobOf());
    expect(code).toBeNull();
    expect(given.equals(plain)).toBe(true);
  });

  it('goes on over broken connections and refused tokens', async () => {
    server.faults.set('GET 0', ['break before']);
    server.faults.set('GET 5', [{ status: 401, code: 'not_joined', retryable: false }]);
    server.faults.set('GET 4', [{ status: 503, code: 'busy', retryable: true }]);
    const { given, code } = await read(jobOf());
    expect(code).toBeNull();
    expect(given.equals(plain)).toBe(true);
    expect(server.dropped).toBe(1);
  });

  it('waits for chunks and the root of a content that is still being sent', async () => {
    const late = server.chunks.get(5);
    server.chunks.delete(5);
    const root = extent.root;
    extent = { ...extent, root: null };
    const complete = () => {
      if (late !== undefined) server.chunks.set(5, late);
      extent = { ...extent, root };
      return Promise.resolve(extent);
    };
    let opened = 0;
    const job = jobOf({
      completed: () => Promise.resolve(extent),
      open: async (index, isLast, sealed) => {
        opened += 1;
        if (opened === 5) await complete();
        return keeper.openChunk(ID, index, isLast, layout.chunkSize, sealed);
      },
    });
    const { given, code } = await read(job);
    expect(code).toBeNull();
    expect(given.equals(plain)).toBe(true);
  });

  it('asks for a chunk when it can be there, and tells when it waits for it', async () => {
    vi.useFakeTimers({ toFake: ['setInterval'] });
    const late = server.chunks.get(3);
    server.chunks.delete(3);
    extent = { ...extent, root: null };
    const arrivals: (readonly [number, boolean])[] = [];
    let arrive: (isThere: boolean) => void = () => undefined;
    const job = jobOf({
      arrival: (index, wasAbsent) => {
        arrivals.push([index, wasAbsent]);
        return wasAbsent ? new Promise((resolve) => (arrive = resolve)) : Promise.resolve(true);
      },
    });
    const waits: unknown[] = [];
    const onWaiting = (problem: unknown) => waits.push(problem);
    const reading = download(job, server, onWaiting, new AbortController().signal);
    for (let index = 0; index < 3; index += 1) await reading.next();
    const fourth = reading.next();
    await vi.waitFor(() => {
      expect(arrivals).toContainEqual([3, true]);
    });
    vi.advanceTimersByTime(2000);
    expect(waits[0]).toMatchObject({ code: 'not_arrived' });
    if (late !== undefined) server.chunks.set(3, late);
    arrive(true);
    expect((await fourth).value).toHaveLength(MIB);
    expect(server.got.filter(([index]) => index === 3)).toHaveLength(3);
    await reading.return();
    vi.useRealTimers();
  });

  it.each([
    [
      'a changed byte',
      'chunk_foreign',
      (chunk: Buffer) => chunk.fill(255 - (chunk[500] ?? 0), 500, 501),
    ],
    ['another format', 'chunk_foreign', (chunk: Buffer) => chunk.fill(0, 0, 2)],
    ['a cut chunk', 'chunk_cut', (chunk: Buffer) => chunk.subarray(0, -1)],
    ['an extended chunk', 'chunk_extended', (chunk: Buffer) => Buffer.concat([chunk, chunk])],
    ['an end before the end', 'chunk_cut', (chunk: Buffer) => chunk.fill(0x11, 3, 4)],
    ['an empty answer', 'chunk_cut', () => Buffer.alloc(0)],
    ['a chunk of another content', 'chunk_foreign', () => sealedElsewhere()],
  ])('stops at %s and gives nothing of it', async (_name, refusal, change) => {
    const chunk = server.chunks.get(2) ?? Buffer.alloc(0);
    server.chunks.set(2, await change(Buffer.from(chunk)));
    const { given, code } = await read(jobOf());
    expect(code).toBe(refusal);
    expect(given.equals(plain.subarray(0, 2 * MIB))).toBe(true);
    await vi.waitFor(() => {
      expect(server.asked).toEqual(['content:report']);
    });
  });

  it('shares the requests of this client with all others', async () => {
    let open: () => void = () => undefined;
    server.gate = new Promise((resolve) => {
      open = resolve;
    });
    const reading = Array.from({ length: 6 }, () => read(jobOf()));
    await vi.waitFor(() => {
      expect(server.open).toBe(8);
    });
    open();
    for (const { given, code } of await Promise.all(reading)) {
      expect(code).toBeNull();
      expect(given.equals(plain)).toBe(true);
    }
  });

  it('refuses chunks that changed places', async () => {
    const one = server.chunks.get(1) ?? Buffer.alloc(0);
    server.chunks.set(1, server.chunks.get(2) ?? Buffer.alloc(0));
    server.chunks.set(2, one);
    expect((await read(jobOf())).code).toBe('chunk_misplaced');
  });

  it('holds the last chunk back when parts of two attempts are mixed', async () => {
    const again = await keeper.sealChunk(ID, 1, false, MIB, plain.slice(MIB, 2 * MIB));
    server.chunks.set(1, Buffer.from(again.bytes));
    const { given, code } = await read(jobOf());
    expect([code, given.byteLength]).toEqual(['content_mixed', 5 * MIB]);
  });

  it.each([{ root: '0'.repeat(64) }, { size: plain.byteLength - 1 }])(
    'holds the last chunk back when the content became another (%o)',
    async (values) => {
      const other = { ...extent, ...values };
      const { given, code } = await read(jobOf({ completed: () => Promise.resolve(other) }));
      expect([code, given.byteLength]).toEqual(['root_changed', 5 * MIB]);
    },
  );

  it('refuses a stream that is said to end before what was given of it', async () => {
    const ending = { ...extent, size: 5 * MIB - 1 };
    extent = { ...extent, size: null, chunkCount: null, root: null };
    const { given, code } = await read(jobOf({ completed: () => Promise.resolve(ending) }));
    expect([code, given.byteLength]).toEqual(['content_mixed', 5 * MIB]);
  });

  it('calls a complete content damaged whose chunk is gone', async () => {
    server.chunks.delete(3);
    const { given, code } = await read(jobOf());
    expect(code).toBe('content_damaged');
    expect(given.byteLength).toBe(3 * MIB);
  });

  it('ends when the content is removed or it is stopped', async () => {
    const gone = () => {
      throw ownProblem('content_not_found');
    };
    expect((await read(jobOf({ extent: gone }))).code).toBe('content_not_found');
    expect((await read(jobOf(), AbortSignal.abort())).code).toBe('cancelled');
  });
});
