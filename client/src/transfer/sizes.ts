/** How a content is cut into chunks, and how its true size is hidden (protocol.md 6). */
import { LIMITS } from '../protocol/generated';
import { ownProblem } from '../protocol/errors';

const MIB = 1024 * 1024;
const MEDIUM_CHUNK_BYTES = MIB;
const MEDIUM_UP_TO_BYTES = 256 * MIB;
export const PADDED_UP_TO_BYTES = 16 * MIB;

/** How a content of a size travels; lengths in bytes. */
export interface Layout {
  /** The true length, as the manifest says it. */
  readonly size: number;
  /** The length that is sealed: `size` and zero bytes up to a Padmé length. */
  readonly paddedSize: number;
  readonly chunkSize: number;
  readonly chunkCount: number;
  /** The sum of the sealed chunks. */
  readonly totalSize: number;
}

const PADDED_LEAST_BYTES = 256;

/**
 * The Padmé length of `size` bytes: 256 at least, at most 12 % more above, so that an observer
 * can tell few lengths apart (Nikitin et al., "Reducing Metadata Leakage from Encrypted Files
 * and Communication with PURBs", 2019). Nothing stays nothing.
 */
export function padme(size: number): number {
  if (size === 0) return 0;
  if (size <= PADDED_LEAST_BYTES) return PADDED_LEAST_BYTES;
  const exponent = Math.floor(Math.log2(size));
  const mantissaBits = Math.floor(Math.log2(exponent)) + 1;
  const unit = 2 ** Math.max(0, exponent - mantissaBits);
  return Math.ceil(size / unit) * unit;
}

function chunkSizeOf(paddedSize: number): number {
  if (paddedSize <= LIMITS.INLINE_PLAIN_MAX_BYTES) return LIMITS.CHUNK_SIZE_MIN_BYTES;
  return paddedSize <= MEDIUM_UP_TO_BYTES ? MEDIUM_CHUNK_BYTES : LIMITS.CHUNK_SIZE_MAX_BYTES;
}

/** Lay out a content of `size` plain bytes; throws `file_too_large` above 2^20 chunks. */
export function layoutOf(size: number): Layout {
  const paddedSize = size <= PADDED_UP_TO_BYTES ? padme(size) : size;
  const chunkSize = chunkSizeOf(paddedSize);
  const chunkCount = Math.max(1, Math.ceil(paddedSize / chunkSize));
  if (chunkCount > LIMITS.CHUNK_COUNT_MAX) throw ownProblem('file_too_large');
  const totalSize = paddedSize + chunkCount * LIMITS.CHUNK_OVERHEAD_BYTES;
  return { size, paddedSize, chunkSize, chunkCount, totalSize };
}

/** Whether a content travels inside `content:share`: one chunk of at most 16 KiB plain. */
export function isInline(layout: Layout): boolean {
  return layout.paddedSize <= LIMITS.INLINE_PLAIN_MAX_BYTES;
}

/** How many of the `plain` bytes of chunk `index` belong to the content, the rest is padding. */
export function trueLength(size: number, chunkSize: number, index: number, plain: number): number {
  return Math.max(0, Math.min(plain, size - index * chunkSize));
}
