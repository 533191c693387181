/** Pictures by their first bytes: what a browser may be shown in an <img>. */

export const PREVIEW_MAX_BYTES = 32 * 1024 * 1024;
/** As many bytes as the longest signature below reads. */
export const SNIFF_BYTES = 32;

function ascii(bytes: Uint8Array, start: number, end: number): string {
  return String.fromCharCode(...bytes.subarray(start, end));
}

function isAvif(head: Uint8Array): boolean {
  if (ascii(head, 4, 8) !== 'ftyp') return false;
  // The major brand, then (after four bytes of version) the compatible ones.
  const brands = [ascii(head, 8, 12), ...[16, 20, 24, 28].map((at) => ascii(head, at, at + 4))];
  return brands.includes('avif') || brands.includes('avis');
}

/** Whether a beginning of it can be shown. */
export function growsAs(type: string): boolean {
  return type !== 'image/avif';
}

/** The type of a picture of the allowed kinds, or null: names and claims do not count. */
export function sniffPicture(head: Uint8Array): string | null {
  if (ascii(head, 0, 8) === '\u0089PNG\r\n\u001a\n') return 'image/png';
  if (ascii(head, 0, 3) === '\u00ff\u00d8\u00ff') return 'image/jpeg';
  if (['GIF87a', 'GIF89a'].includes(ascii(head, 0, 6))) return 'image/gif';
  if (ascii(head, 0, 4) === 'RIFF' && ascii(head, 8, 12) === 'WEBP') return 'image/webp';
  if (isAvif(head)) return 'image/avif';
  // A BMP's header says its own length, 40 bytes or one of the later ones.
  const isBmp = ascii(head, 0, 2) === 'BM' && [40, 108, 124].includes(head[14] ?? 0);
  return isBmp && ascii(head, 15, 18) === '\0\0\0' ? 'image/bmp' : null;
}
