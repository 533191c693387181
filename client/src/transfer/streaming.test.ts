/** Downloads of streams: of what is still being sent nobody knows the end. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import type { Keeper } from '../crypto/keeper';
import { ownProblem } from '../protocol/errors';
import { download, type DownloadJob, type Extent } from './download';
import { type ContentServer, joinedServer } from './testing';
import { WINDOW_COUNT } from './window';

const CHUNK = 16 * 1024;
const COUNT = 7;
const ID = 'c'.repeat(32);
const plain = Uint8Array.from({ length: (COUNT - 1) * CHUNK + 77 }, (_, at) => (at * 31) >> 3);

let keeper: Keeper;
let server: ContentServer;
let sealed: Buffer[];
let extent: Extent;
/** The last chunk of a sender who ends the stream at chunk 2, and one more that is not the last. */
let others: { readonly early: Buffer; readonly endless: Buffer };

async function seal(index: number, isLast: boolean): Promise<Buffer> {
  const piece = plain.slice(index * CHUNK, (index + 1) * CHUNK);
  const padded = new Uint8Array(isLast ? piece.length + 3 : CHUNK);
  padded.set(piece);
  const { bytes } = await keeper.sealChunk(ID, index, isLast, CHUNK, padded.slice(0, CHUNK));
  return Buffer.from(bytes);
}

beforeEach(async () => {
  ({ keeper, server } = await joinedServer());
  await keeper.newContent(ID);
  const indexes = [...Array(COUNT).keys()];
  sealed = await Promise.all(indexes.map((index) => seal(index, index === COUNT - 1)));
  others = { early: await seal(2, true), endless: await seal(COUNT - 1, false) };
  extent = { size: null, chunkSize: CHUNK, chunkCount: null, root: null };
  opened = new Set();
});
afterEach(() => {
  server.stop();
  vi.unstubAllGlobals();
});

/** Let chunks arrive, as many as there are at most. */
function send(count: number): void {
  for (const [at, chunk] of sealed.slice(0, count).entries()) server.chunks.set(at, chunk);
  for (const look of waiting.splice(0)) look();
}

async function complete(values: Partial<Extent> = {}): Promise<void> {
  const root = await keeper.root(server.digests());
  extent = { ...extent, size: plain.length, chunkCount: COUNT, root, ...values };
  for (const look of waiting.splice(0)) look();
}

const waiting: (() => void)[] = [];
let opened: Set<number>;

/** Resolves when more has come. */
function more(): Promise<void> {
  return new Promise((resolve) => waiting.push(resolve));
}

function read(values: Partial<DownloadJob> = {}) {
  const job: DownloadJob = {
    contentId: ID,
    extent: () => extent,
    completed: async () => {
      while (extent.root === null) await more();
      return extent;
    },
    arrival: async (index, wasAbsent) => {
      const isThere = () => extent.root !== null || (server.chunks.has(index) && !wasAbsent);
      while (!isThere()) await more();
      return true;
    },
    open: async (index, isLast, bytes) => {
      const piece = await keeper.openChunk(ID, index, isLast, CHUNK, bytes);
      opened.add(index);
      return piece;
    },
    kept: null,
    rootOf: (digests) => keeper.root(digests),
    ...values,
  };
  return download(job, server, () => undefined, new AbortController().signal);
}

async function rest(reading: AsyncGenerator<Uint8Array>): Promise<Buffer> {
  const given: Uint8Array[] = [];
  for await (const piece of reading) given.push(piece);
  return Buffer.concat(given);
}

it('gives what has come of a stream before its end is known, and its end when it is complete', async () => {
  const reading = read();
  send(5);
  const given: Uint8Array[] = [];
  while (given.length < 5) given.push((await reading.next()).value ?? new Uint8Array());
  expect(Buffer.concat(given).equals(plain.subarray(0, 5 * CHUNK))).toBe(true);
  const end = rest(reading);
  send(COUNT);
  await complete();
  expect((await end).equals(plain.subarray(5 * CHUNK))).toBe(true);
  // But once, before anything was said, no chunk was asked for that was not there.
  expect(server.got.length).toBeLessThanOrEqual(COUNT + WINDOW_COUNT);
});

it('takes what is there on a new connection, though nothing was said of it', async () => {
  const arrival = vi.fn<DownloadJob['arrival']>(
    (_index, _wasAbsent, lost) =>
      new Promise((_resolve, reject) => {
        lost.addEventListener('abort', () => reject(ownProblem('cancelled')));
      }),
  );
  const reading = read({ arrival });
  send(2);
  for (let index = 0; index < 2; index += 1) await reading.next();
  const third = reading.next();
  await vi.waitFor(() => {
    expect(arrival).toHaveBeenCalledTimes(WINDOW_COUNT);
  });
  send(5);
  server.lose();
  expect((await third).value).toHaveLength(CHUNK);
  for (let index = 3; index < 5; index += 1)
    expect((await reading.next()).value).toHaveLength(CHUNK);
});

it('asks at once for what is behind a chunk that was there without a word', async () => {
  const looks: ((wasSaid: boolean) => void)[] = [];
  const waited: number[] = [];
  const arrival = (index: number) => {
    waited.push(index);
    return new Promise<boolean>((resolve) => looks.push(resolve));
  };
  const reading = read({ arrival });
  send(1);
  await reading.next();
  const second = reading.next();
  await vi.waitFor(() => {
    expect(waited).toHaveLength(WINDOW_COUNT);
  });
  send(COUNT);
  for (const look of looks) look(false);
  expect((await second).value).toHaveLength(CHUNK);
  for (let index = 2; index < COUNT - 1; index += 1)
    expect((await reading.next()).value).toHaveLength(CHUNK);
  expect(waited.filter((index) => index < COUNT).toSorted()).toEqual([1, 2, 3, 4]);
});

it('holds the last chunk back until the root has been checked', async () => {
  const reading = read();
  send(COUNT);
  for (let index = 0; index < COUNT - 1; index += 1) await reading.next();
  const last = reading.next();
  await complete({ root: '0'.repeat(64) });
  await expect(last).rejects.toMatchObject({ code: 'content_mixed' });
});

it.each([
  ['ends before its end', 2, () => sealed.splice(2, 1, others.early), {}],
  ['goes on behind its end', COUNT, () => sealed.splice(COUNT - 1, 1, others.endless), {}],
  ['is shorter than it says', COUNT - 1, () => undefined, { size: plain.length + CHUNK }],
])('refuses a stream that %s', async (_name, goodCount, change, values) => {
  change();
  const reading = read();
  send(COUNT);
  for (let index = 0; index < goodCount; index += 1) await reading.next();
  const refusal = expect(reading.next()).rejects.toMatchObject({ code: 'content_mixed' });
  // What comes later is refused by itself: its place is known then.
  await vi.waitFor(() => {
    expect(opened).toContain(Math.min(goodCount, COUNT - 1));
  });
  await complete(values);
  await refusal;
});
