import { expect, it } from 'vitest';

import { type Place, refusalOf } from './refusal';

const SIZE = 16 * 1024;
const MIDDLE: Place = { index: 5, isLast: false, chunkSize: SIZE, leftBytes: 2 * SIZE };
const LAST: Place = { ...MIDDLE, isLast: true, leftBytes: 77 };

function chunk(index: number, kind: number, plainBytes: number): Uint8Array<ArrayBuffer> {
  const made = new Uint8Array(32 + plainBytes);
  made[3] = kind;
  new DataView(made.buffer).setUint32(11, index);
  return made;
}

it.each([
  [null, MIDDLE, chunk(5, 0x10, SIZE)],
  ['chunk_misplaced', MIDDLE, chunk(6, 0x10, SIZE)],
  ['chunk_cut', MIDDLE, chunk(5, 0x10, SIZE - 1)],
  ['chunk_extended', MIDDLE, chunk(5, 0x10, SIZE + 1)],
  ['chunk_cut', MIDDLE, chunk(5, 0x11, SIZE)],
  ['chunk_cut', MIDDLE, new Uint8Array(31)],
  [null, LAST, chunk(5, 0x11, 77)],
  [null, LAST, chunk(5, 0x11, SIZE)], // padded
  ['chunk_cut', LAST, chunk(5, 0x11, 76)],
  ['chunk_extended', LAST, chunk(5, 0x11, SIZE + 1)],
  ['chunk_extended', LAST, chunk(5, 0x10, 77)],
  [null, { ...LAST, leftBytes: null }, chunk(5, 0x11, 0)],
] as const)('says %s by what can be seen', (refusal, place, sealed) => {
  expect(refusalOf(sealed, place)).toBe(refusal);
});
