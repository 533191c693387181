import { expect, it } from 'vitest';

import { sniffPicture } from './picture';

function bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

const BMP = `BM${'\0'.repeat(12)}\u0028\0\0\0`;

it.each([
  ['\u0089PNG\r\n\u001a\n....', 'image/png'],
  ['\u00ff\u00d8\u00ff\u00e0', 'image/jpeg'],
  ['GIF89a..', 'image/gif'],
  ['GIF87a..', 'image/gif'],
  ['RIFF....WEBPVP8 ', 'image/webp'],
  ['\0\0\0\u001cftypavif\0\0\0\0', 'image/avif'],
  ['\0\0\0\u001cftypmif1\0\0\0\0mif1avif', 'image/avif'],
  [BMP, 'image/bmp'],
])('knows %j', (head, mime) => {
  expect(sniffPicture(bytes(head))).toBe(mime);
});

it.each([
  '',
  '<svg xmlns="http://www.w3.org/2000/svg">',
  '<html>',
  ' \u0089PNG\r\n\u001a\n',
  'GIF88a',
  'RIFF....WAVE',
  '\0\0\0\u001cftypheic\0\0\0\0',
  '%PDF-1.7',
  'BMW is a maker of cars, and this is a text',
  '\u00ff\u00d8',
])('takes %j for no picture', (head) => {
  expect(sniffPicture(bytes(head))).toBeNull();
});
