/** How a client proves the passphrase and knows the server (protocol.md 4). */
import { type Bytes, concat, equal } from './bytes';
import { CryptoError } from './errors';
import { aad, cipherOf, derive, hmac, label, seal, sha256, SUITE } from './keys';

/** Three values of 32 bytes; the client keeps `clientKey`, the server gets the other two. */
export interface Fingerprint {
  readonly clientKey: Bytes;
  readonly fingerprintData: Bytes;
  readonly serverKey: Bytes;
}

/** One challenge: the nonces of hello, 32 bytes each. */
export interface Nonces {
  readonly client: Bytes;
  readonly server: Bytes;
}

export async function makeFingerprint(
  rootKey: Bytes,
  sessionId: Bytes,
  fingerprintIv: Bytes,
): Promise<Fingerprint> {
  const key = await cipherOf(await derive(rootKey, 'fingerprint key', sessionId));
  const text = await derive(rootKey, 'fingerprint text', sessionId);
  const sealed = await seal(key, fingerprintIv, text, aad('F', 1, sessionId));
  const clientKey = await sha256(label('client key'), new Uint8Array(sealed));
  return {
    clientKey,
    fingerprintData: await sha256(label('stored key'), clientKey),
    serverKey: await derive(rootKey, 'server key', sessionId),
  };
}

function authMessage(sessionId: Bytes, nonces: Nonces): Bytes {
  return concat(label('auth'), Uint8Array.of(SUITE), sessionId, nonces.client, nonces.server);
}

const CLIENT = Uint8Array.of(0x43);
const SERVER = Uint8Array.of(0x53);

/** The proof for one challenge; worthless for any other. */
export async function makeProof(
  fingerprint: Pick<Fingerprint, 'clientKey' | 'fingerprintData'>,
  sessionId: Bytes,
  nonces: Nonces,
): Promise<Bytes> {
  const message = authMessage(sessionId, nonces);
  const mask = await hmac(fingerprint.fingerprintData, message, CLIENT);
  return fingerprint.clientKey.map((byte, at) => byte ^ (mask[at] ?? 0));
}

/** What a server that holds the session's row answers to a proof. */
export async function makeSignature(
  serverKey: Bytes,
  sessionId: Bytes,
  nonces: Nonces,
  proof: Bytes,
): Promise<Bytes> {
  return hmac(serverKey, authMessage(sessionId, nonces), proof, SERVER);
}

/** Throws a CryptoError of kind authentication unless the signature is the expected one. */
export function checkSignature(expected: Bytes, received: Bytes): void {
  if (!equal(expected, received)) throw new CryptoError('authentication');
}
