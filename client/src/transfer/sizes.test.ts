import { describe, expect, it } from 'vitest';

import { isInline, layoutOf, PADDED_UP_TO_BYTES, padme, trueLength } from './sizes';

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;

describe('padding', () => {
  it.each([
    [0, 0],
    [1, 256],
    [256, 256],
    [257, 272],
    [1000, 1024],
    [65_535, 65_536],
    [1_048_577, 1_081_344],
    [1_000_000_000, 1_006_632_960],
    [1_099_511_640_121, 1_116_691_496_960],
  ])('makes %i of the vectors %i', (size, padded) => {
    expect(padme(size)).toBe(padded);
  });

  it('never shortens, costs at most 12 %, and changes nothing twice', () => {
    for (let size = 256; size < PADDED_UP_TO_BYTES; size = Math.ceil(size * 1.01) + 1) {
      const padded = padme(size);
      expect(padded).toBeGreaterThanOrEqual(size);
      expect(padded).toBeLessThanOrEqual(size * 1.12);
      expect(padme(padded)).toBe(padded);
    }
  });
});

describe('a layout', () => {
  it.each([
    [0, 16 * KIB, 1],
    [1, 16 * KIB, 1],
    [16 * KIB, 16 * KIB, 1],
    [16 * KIB + 1, MIB, 1],
    [MIB, MIB, 1],
    [MIB + 1, MIB, 2],
    [256 * MIB, MIB, 256],
    [256 * MIB + 1, 4 * MIB, 65],
    [100 * GIB, 4 * MIB, 25_600],
  ])('cuts %i bytes into chunks of %i', (size, chunkSize, chunkCount) => {
    expect(layoutOf(size)).toMatchObject({ size, chunkSize, chunkCount });
  });

  it('counts the padding and 32 bytes a chunk', () => {
    expect(layoutOf(1000)).toMatchObject({ paddedSize: 1024, totalSize: 1024 + 32 });
    expect(layoutOf(0)).toMatchObject({ paddedSize: 0, totalSize: 32 });
    const large = 17 * MIB + 5;
    expect(layoutOf(large)).toMatchObject({ paddedSize: large, totalSize: large + 18 * 32 });
  });

  it('is inline up to 16 KiB', () => {
    expect(isInline(layoutOf(16 * KIB))).toBe(true);
    expect(isInline(layoutOf(16 * KIB + 1))).toBe(false);
  });

  it('refuses more than 2^20 chunks', () => {
    const most = 2 ** 20 * 4 * MIB;
    expect(layoutOf(most).chunkCount).toBe(2 ** 20);
    expect(() => layoutOf(most + 1)).toThrow(expect.objectContaining({ code: 'file_too_large' }));
  });
});

it('gives the content back without its padding', () => {
  for (const size of [0, 1, 1000, 16 * KIB, MIB - 1, MIB, MIB + 1, 3 * MIB + 17]) {
    const { paddedSize, chunkSize, chunkCount } = layoutOf(size);
    let total = 0;
    for (let index = 0; index < chunkCount; index += 1) {
      const plain = Math.min(chunkSize, paddedSize - index * chunkSize);
      total += trueLength(size, chunkSize, index, plain);
    }
    expect(total).toBe(size);
  }
});
