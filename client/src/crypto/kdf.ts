/** From names and passphrases to ids and the root key (protocol.md 2 and 3). */
import { type Bytes, concat, u32 } from './bytes';
import { CryptoError } from './errors';
import { hmac, KEY_BYTES, label, norm, SUITE } from './keys';

export const ITERATIONS_DEFAULT = 600_000;
export const ITERATIONS_MAX = 10_000_000;
const NAME_MAX_BYTES = 255;

/** A session name in normal form; throws a CryptoError of kind limit unless 1 to 255 bytes. */
export function normName(name: string): Bytes {
  const bytes = norm(name);
  if (bytes.byteLength < 1 || bytes.byteLength > NAME_MAX_BYTES) throw new CryptoError('limit');
  return bytes;
}

/** The 32 bytes that stand for a session's name on the server with this 16-byte realm. */
export async function deriveSessionId(realm: Bytes, name: string): Promise<Bytes> {
  return hmac(realm, label('session name'), normName(name));
}

/**
 * The 32-byte root key by PBKDF2-HMAC-SHA-256. Refuses, before deriving anything, what would
 * weaken the key (below 600,000 rounds) or stall the client (above 10,000,000).
 */
export async function deriveRootKey(
  passphrase: string,
  sessionId: Bytes,
  salt: Bytes,
  iterations: number,
): Promise<Bytes> {
  const allowed = iterations >= ITERATIONS_DEFAULT && iterations <= ITERATIONS_MAX;
  if (!Number.isInteger(iterations) || !allowed) throw new CryptoError('limit');
  const kdfSalt = concat(label('kdf'), Uint8Array.of(SUITE), u32(iterations), sessionId, salt);
  const key = await crypto.subtle.importKey('raw', norm(passphrase), 'PBKDF2', false, [
    'deriveBits',
  ]);
  const algorithm = { name: 'PBKDF2', hash: 'SHA-256', salt: kdfSalt, iterations };
  return new Uint8Array(await crypto.subtle.deriveBits(algorithm, key, KEY_BYTES * 8));
}
