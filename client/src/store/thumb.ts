/** Thumbnails: small pictures inside manifests, and how much of one is believed. */
import { fromBase64url } from '../crypto/bytes';
import { type Decoder, DecodeError, Fields, natural, patterned } from '../protocol/decode';
import type { Thumb } from './model';
import { sniffPicture } from './picture';

/** Pixels of its longer side. */
export const THUMB_SIDE = 320;
/** What fits a manifest of 16 KiB, in base64, beside long names. */
export const THUMB_MAX_BYTES = 8 * 1024;
/** Characters of base64 of which the first bytes, more than a signature's, are read alone. */
const HEAD_LENGTH = 64;
/** As long a side as JPEG can say. */
const SIDE_MAX = 65_535;

/** The member `thumb` of a manifest: sizes are the picture's own, upright; `data` is base64url. */
export interface SealedThumb {
  readonly width: number;
  readonly height: number;
  readonly data: string;
}

const pixels: Decoder<number> = (value, path) => {
  const side = natural(value, path);
  if (side < 1 || side > SIDE_MAX) throw new DecodeError(path, '1 to 65,535 pixels');
  return side;
};

const sealedBytes = patterned(/^[A-Za-z0-9_-]+$/, Math.ceil((THUMB_MAX_BYTES * 4) / 3));

/** Read the member as it stands. Throws a DecodeError. */
export const sealedThumb: Decoder<SealedThumb> = (value, path) => {
  const fields = new Fields(value, path);
  return {
    width: fields.read('width', pixels),
    height: fields.read('height', pixels),
    data: fields.read('data', sealedBytes),
  };
};

/**
 * What pages show of the member: null unless its first bytes are of a picture that browsers show
 * safely. A data URL holds no memory that would have to be given back.
 */
export function readThumb(value: unknown): Thumb | null {
  try {
    const { width, height, data } = sealedThumb(value, 'thumb');
    const mime = sniffPicture(fromBase64url(data.slice(0, HEAD_LENGTH)));
    if (mime === null || data.length % 4 === 1) return null;
    const base64 = data.replaceAll('-', '+').replaceAll('_', '/');
    return { url: `data:${mime};base64,${base64}`, width, height };
  } catch {
    // A content is read without it.
    return null;
  }
}

/** Whether what a browser made of its bytes is as small as it has to be. */
export function isThumbSized(width: number, height: number): boolean {
  return Math.max(width, height) <= THUMB_SIDE;
}
