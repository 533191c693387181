/**
 * Why a chunk cannot be the one that was asked for, by what anybody can see of it (protocol.md 6):
 * its header and its length. What passes here is still proved by opening it.
 */
import type { OwnCode } from '../protocol/errors';
import { LIMITS } from '../protocol/generated';

/** The place in a content that a chunk was asked for. */
export interface Place {
  readonly index: number;
  readonly isLast: boolean;
  readonly chunkSize: number;
  /** Plain bytes of the content from here on; null while that is not known. */
  readonly leftBytes: number | null;
}

/** Refusals of what the server gave for a chunk; it is told, and looks at its bytes. */
export type ChunkRefusal = Extract<OwnCode, `chunk_${string}`>;

const KIND_LAST = 0x11;
const KIND_AT = 3;
const INDEX_AT = 11;

/** Whether the header says that nothing comes behind this chunk; proved by opening it as such. */
export function endsHere(sealed: Uint8Array<ArrayBuffer>): boolean {
  return sealed[KIND_AT] === KIND_LAST;
}

/** The refusal, or null when header and length are those of this place. */
export function refusalOf(sealed: Uint8Array<ArrayBuffer>, place: Place): ChunkRefusal | null {
  const { index, isLast, chunkSize, leftBytes } = place;
  const overhead = LIMITS.CHUNK_OVERHEAD_BYTES;
  const length = sealed.byteLength - overhead;
  if (length < 0) return 'chunk_cut';
  if (new DataView(sealed.buffer, sealed.byteOffset).getUint32(INDEX_AT) !== index) {
    return 'chunk_misplaced';
  }
  if (endsHere(sealed) !== isLast) return isLast ? 'chunk_extended' : 'chunk_cut';
  const least = isLast ? Math.min(chunkSize, leftBytes ?? 0) : chunkSize;
  if (length < least) return 'chunk_cut';
  return length > chunkSize ? 'chunk_extended' : null;
}
