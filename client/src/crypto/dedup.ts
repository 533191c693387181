/** The same file twice in a session: keys that follow from the plain bytes (protocol.md 8). */
import { type Bytes, equal, u32, u64, utf8 } from './bytes';
import { CryptoError } from './errors';
import { derive, hmac, label, sha256, sha256Of } from './keys';

/** What equal files of one session have in common: key (32), blob id (16), prefix (7 bytes). */
export interface Convergent {
  readonly contentKey: Bytes;
  readonly blobId: Bytes;
  readonly prefix: Bytes;
}

/** Derive them from the SHA-256 of each plain piece as sealed, padding included. */
export async function makeConvergent(
  session: { readonly key: Bytes; readonly id: Bytes; readonly epoch: number },
  chunkSize: number,
  size: number,
  plainDigests: readonly Uint8Array[],
): Promise<Convergent> {
  const plainId = await sha256(label('plain'), u32(chunkSize), u64(size), ...plainDigests);
  const key = await derive(session.key, 'dedup', session.id, u32(session.epoch));
  const part = async (name: string, bytes: number) =>
    (await hmac(key, utf8(`${name}\0`), plainId)).slice(0, bytes);
  return {
    contentKey: await part('dek', 32),
    blobId: await part('blob', 16),
    prefix: await part('nonce', 7),
  };
}

/** The pieces of a file that was read for its keys: no others may be sealed by them. */
export class Pieces {
  readonly #prefix: Bytes;
  readonly #plainDigests: readonly Uint8Array[];

  constructor(prefix: Bytes, plainDigests: readonly Uint8Array[]) {
    this.#prefix = prefix;
    this.#plainDigests = plainDigests;
  }

  /**
   * The prefix to seal a piece with. Two different pieces under one key and nonce would give both
   * away: throws a CryptoError of kind authentication for another piece than the one that was read.
   */
  async prefixOf(index: number, plain: Bytes): Promise<Bytes> {
    const known = this.#plainDigests[index];
    if (known === undefined || !equal(known, await sha256Of(plain))) {
      throw new CryptoError('authentication');
    }
    return this.#prefix;
  }
}
