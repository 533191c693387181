import { describe, expect, it } from 'vitest';

import { base64url } from '../crypto/bytes';
import { manifestJson } from './fixtures';
import { readManifest } from './manifest';
import { readThumb, THUMB_MAX_BYTES } from './thumb';

/** Bytes that begin like a picture of this signature. */
function beginning(signature: string, length = 300): string {
  const bytes = new Uint8Array(length).fill(0xfb);
  bytes.set(Uint8Array.from(signature, (character) => character.charCodeAt(0)));
  return base64url(bytes);
}

const WEBP = 'RIFF....WEBPVP8 ';
const data = beginning(WEBP);
const thumb = { width: 4032, height: 3024, data };

describe('a thumbnail', () => {
  it('is shown as what its first bytes are, in the shape of its picture', () => {
    const shown = readThumb(thumb);
    expect(shown).toMatchObject({ width: 4032, height: 3024 });
    const [head, base64 = ''] = (shown?.url ?? '').split(',');
    expect(head).toBe('data:image/webp;base64');
    expect(base64url(Uint8Array.from(atob(base64), (one) => one.charCodeAt(0)))).toBe(data);
  });

  it('of 8 KiB is shown', () => {
    expect(readThumb({ ...thumb, data: beginning(WEBP, THUMB_MAX_BYTES) })).not.toBeNull();
  });

  it.each([
    ['is none', undefined],
    ['is a text', data],
    ['has no shape', { data }],
    ['has no height', { ...thumb, height: 0 }],
    ['is too wide', { ...thumb, width: 65_536 }],
    ['has half a pixel', { ...thumb, width: 0.5 }],
    ['has no bytes', { ...thumb, data: '' }],
    ['is too large', { ...thumb, data: beginning(WEBP, THUMB_MAX_BYTES + 1) }],
    ['is SVG', { ...thumb, data: beginning('<svg xmlns="http://www.w3.org/2000/svg">') }],
    ['is SVG behind a line', { ...thumb, data: beginning('\n<svg xmlns="http://www.w3.org">') }],
    ['is a page', { ...thumb, data: beginning('<html><script>') }],
    ['is an address', { ...thumb, data: 'https://example.org/a.webp' }],
    ['leaves its quotes', { ...thumb, data: `${data}");x` }],
    ['is standard base64', { ...thumb, data: `${data}+/` }],
    ['is cut within a byte', { ...thumb, data: `${data}A` }],
  ])('is not shown when it %s, and its content is read all the same', (_, value) => {
    expect(readThumb(value)).toBeNull();
    const manifest = readManifest({ ...manifestJson('a'), thumb: value });
    expect(manifest).toMatchObject({ thumb: null, name: 'a' });
  });

  it('stays in the manifest that is written at a rename', () => {
    const manifest = readManifest({ ...manifestJson('a'), thumb });
    expect(manifest.thumb).not.toBeNull();
    expect(readManifest({ ...manifest.members, name: 'b' }).thumb).toEqual(manifest.thumb);
  });
});
