/** Chunks: the sealed pieces of a content, and the root over all of them (protocol.md 6). */
import { type Bytes, concat, readU32, u32 } from './bytes';
import { CryptoError } from './errors';
import { aad, checkHeader, cipherOf, derive, header, label, open, seal, sha256 } from './keys';
import { discard } from './spent';

const KIND_CHUNK = 0x10;
const KIND_LAST_CHUNK = 0x11;
export const CHUNK_OVERHEAD_BYTES = 32;
const SIZE_MIN_BYTES = 16 * 1024;
const SIZE_MAX_BYTES = 4 * 1024 * 1024;
const COUNT_MAX = 2 ** 20;

/** Seals and opens the chunks of one blob. */
export class ChunkCipher {
  readonly #key: CryptoKey;
  readonly #place: Bytes;
  readonly #chunkSize: number;

  private constructor(key: CryptoKey, place: Bytes, chunkSize: number) {
    this.#key = key;
    this.#place = place;
    this.#chunkSize = chunkSize;
  }

  /** Throws a CryptoError of kind limit for a chunk size that is not allowed. */
  static async make(
    contentKey: Bytes,
    sessionId: Bytes,
    blobId: Bytes,
    chunkSize: number,
  ): Promise<ChunkCipher> {
    const isPower = Number.isInteger(Math.log2(chunkSize));
    if (!isPower || chunkSize < SIZE_MIN_BYTES || chunkSize > SIZE_MAX_BYTES) {
      throw new CryptoError('limit');
    }
    const place = concat(sessionId, blobId);
    return new ChunkCipher(
      await cipherOf(await derive(contentKey, 'chunk', place)),
      place,
      chunkSize,
    );
  }

  #bound(kind: number, index: number): Bytes {
    return aad('C', kind, this.#place, u32(index), u32(this.#chunkSize));
  }

  #fits(length: number, index: number, last: boolean): boolean {
    const smallest = last ? Math.min(index, 1) : this.#chunkSize;
    return index >= 0 && index < COUNT_MAX && length >= smallest && length <= this.#chunkSize;
  }

  /** Seal one piece; `prefix` is 7 fresh random bytes. Throws a CryptoError of kind limit. */
  async seal(index: number, plain: Bytes, prefix: Bytes, last: boolean): Promise<Bytes> {
    if (!this.#fits(plain.byteLength, index, last)) throw new CryptoError('limit');
    const kind = last ? KIND_LAST_CHUNK : KIND_CHUNK;
    const nonce = concat(prefix, u32(index), Uint8Array.of(last ? 1 : 0));
    const sealed = new Uint8Array(await seal(this.#key, nonce, plain, this.#bound(kind, index)));
    const chunk = concat(header(kind), nonce, sealed);
    discard(sealed);
    return chunk;
  }

  /** Open the chunk that must be the one at `index`; throws a CryptoError for other bytes. */
  async open(index: number, chunk: Bytes, last: boolean): Promise<Bytes> {
    const kind = last ? KIND_LAST_CHUNK : KIND_CHUNK;
    checkHeader(chunk, [kind], CHUNK_OVERHEAD_BYTES);
    const isHere = readU32(chunk, 11) === index && chunk[15] === (last ? 1 : 0);
    if (!isHere || !this.#fits(chunk.byteLength - CHUNK_OVERHEAD_BYTES, index, last)) {
      throw new CryptoError('format');
    }
    const bound = this.#bound(kind, index);
    return new Uint8Array(await open(this.#key, chunk.subarray(4, 16), chunk.subarray(16), bound));
  }
}

/** The root over the SHA-256 of each sealed chunk in order: it fixes the very set of chunks. */
export async function makeRoot(digests: readonly Uint8Array[]): Promise<Bytes> {
  return sha256(label('root'), u32(digests.length), ...digests);
}
