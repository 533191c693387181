/** The same file twice in a session: keys that follow from the plain bytes (protocol.md 8). */
import { type Bytes, u32, u64, utf8 } from './bytes';
import { derive, hmac, label, sha256 } from './keys';

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
