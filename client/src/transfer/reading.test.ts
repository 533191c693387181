import { expect, it } from 'vitest';

import { hex } from '../crypto/bytes';
import { sha256Of } from '../crypto/keys';
import { digestPieces } from './reading';
import { type Layout, layoutOf } from './sizes';
import type { Source } from './source';

const SIZE = 17 * 1024 * 1024 + 5;
const LAYOUT = layoutOf(SIZE);
const ENDLESS = new AbortController().signal;

/** A file whose pieces are filled with their number. */
function numbered({ chunkSize, paddedSize }: Layout): Source {
  return {
    readChunk: (index) => {
      const length = Math.min(chunkSize, paddedSize - index * chunkSize);
      return Promise.resolve(new Uint8Array(length).fill(index));
    },
  };
}

it('digests every piece in its place, a window at a time', async () => {
  let open = 0;
  let most = 0;
  const read: number[] = [];
  const source = numbered(LAYOUT);
  const digests = await digestPieces(
    source,
    LAYOUT,
    async (plain) => {
      most = Math.max(most, (open += 1));
      const digest = await sha256Of(plain);
      open -= 1;
      return digest;
    },
    (doneBytes) => read.push(doneBytes),
    ENDLESS,
  );
  expect(digests).toHaveLength(18);
  for (const [index, digest] of digests.entries()) {
    expect(hex(digest)).toBe(hex(await sha256Of(await source.readChunk(index))));
  }
  expect(most).toBeLessThanOrEqual(4);
  expect(read.at(-1)).toBe(SIZE);
});

it('stops when it is told to', async () => {
  const control = new AbortController();
  const digested: number[] = [];
  const reading = digestPieces(
    numbered(LAYOUT),
    LAYOUT,
    (plain) => {
      digested.push(plain[0] ?? 0);
      if (digested.length === 5) control.abort();
      return sha256Of(plain);
    },
    () => undefined,
    control.signal,
  );
  await expect(reading).rejects.toMatchObject({ code: 'cancelled' });
  expect(digested.length).toBeLessThan(LAYOUT.chunkCount);
});
