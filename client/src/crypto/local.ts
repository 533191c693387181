/**
 * What a browser keeps of a session beside the server, sealed with a key that follows from the
 * session key: who finds the disk reads nothing of it without the passphrase.
 *
 * nonce(12) || AES-256-GCM. It never leaves the browser and is no part of the protocol.
 */
import { type Bytes, concat, hex, randomBytes, u32, utf8 } from './bytes';
import { CryptoError } from './errors';
import { aad, cipherOf, derive, NONCE_BYTES, open, seal, TAG_BYTES } from './keys';

/** The key of a session that was joined. */
export interface SessionKey {
  readonly key: Bytes;
  readonly id: Bytes;
  readonly epoch: number;
}

const KIND_LOCAL = 0;
const PLACE_BYTES = 16;

/** Where what is kept of a session lies: tells nothing of the session. */
export async function localPlace({ key, id, epoch }: SessionKey): Promise<string> {
  return hex((await derive(key, 'local place', id, u32(epoch))).subarray(0, PLACE_BYTES));
}

async function cipher({ key, id, epoch }: SessionKey): Promise<CryptoKey> {
  return cipherOf(await derive(key, 'local', id, u32(epoch)));
}

function bound({ id }: SessionKey, purpose: string): Bytes {
  return aad('L', KIND_LOCAL, id, utf8(purpose));
}

/** Seal `plain`, so that it opens for the same `purpose` alone. */
export async function sealLocal(
  session: SessionKey,
  purpose: string,
  plain: Bytes,
): Promise<Bytes> {
  const nonce = randomBytes(NONCE_BYTES);
  const sealed = await seal(await cipher(session), nonce, plain, bound(session, purpose));
  return concat(nonce, new Uint8Array(sealed));
}

/** Throws a CryptoError for what was not sealed so. */
export async function openLocal(
  session: SessionKey,
  purpose: string,
  sealed: Bytes,
): Promise<Bytes> {
  if (sealed.byteLength < NONCE_BYTES + TAG_BYTES) throw new CryptoError('format');
  const nonce = sealed.subarray(0, NONCE_BYTES);
  const rest = sealed.subarray(NONCE_BYTES);
  return new Uint8Array(await open(await cipher(session), nonce, rest, bound(session, purpose)));
}
