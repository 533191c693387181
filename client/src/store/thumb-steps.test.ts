import { describe, expect, it } from 'vitest';

import { THUMB_MAX_BYTES, THUMB_SIDE } from './thumb';
import { firstFitting, within } from './thumb-steps';

/** Writes as many bytes as a picture of this side and quality is given, and notes the tries. */
function browser(sizeOf: (side: number, quality: number) => number, writes: readonly string[]) {
  const tries: string[] = [];
  const draw = (side: number) => (asked: string, quality: number) => {
    const type = writes.includes(asked) ? asked : 'image/png';
    tries.push(`${side} ${type} ${quality}`);
    return Promise.resolve(new Blob([new Uint8Array(sizeOf(side, quality))], { type }));
  };
  return { draw, tries };
}

describe('a thumbnail is made', () => {
  const WEBP = ['image/webp', 'image/jpeg'];

  it('as good as it fits', async () => {
    const { draw, tries } = browser((side, quality) => side * quality * 50, WEBP);
    const made = await firstFitting(draw);
    expect(made).toMatchObject({ type: 'image/webp', size: 320 * 0.5 * 50 });
    expect(tries).toEqual(['320 image/webp 0.8', '320 image/webp 0.65', '320 image/webp 0.5']);
  });

  it('smaller where it does not fit at any quality', async () => {
    const { draw, tries } = browser((side) => side * 40, WEBP);
    expect(await firstFitting(draw)).toMatchObject({ size: 160 * 40 });
    expect(tries.at(-1)).toBe('160 image/webp 0.8');
  });

  it('to the byte of its limit, and not beyond', async () => {
    expect(await firstFitting(browser(() => THUMB_MAX_BYTES, WEBP).draw)).not.toBeNull();
    expect(await firstFitting(browser(() => THUMB_MAX_BYTES + 1, WEBP).draw)).toBeNull();
  });

  it('as JPEG where the browser writes no WebP, asked for it once', async () => {
    const { draw, tries } = browser((side, quality) => side * quality * 36, ['image/jpeg']);
    expect(await firstFitting(draw)).toMatchObject({ type: 'image/jpeg' });
    expect(tries).toEqual(['320 image/png 0.8', '320 image/jpeg 0.8', '320 image/jpeg 0.65']);
  });

  it('not at all where neither is written', async () => {
    expect(await firstFitting(browser(() => 5, []).draw)).toBeNull();
  });

  it.each([
    [4032, 3024, 320, 240],
    [3024, 4032, 240, 320],
    [100, 50, 100, 50],
    [10_000, 2, 320, 1],
  ])('of %i x %i with %i x %i', (width, height, ...sides) => {
    expect(Object.values(within({ width, height }, THUMB_SIDE))).toEqual(sides);
  });
});
