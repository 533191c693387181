/**
 * Boxes: the session key under the root key, content keys under the session key (protocol.md 5).
 *
 * 100 bytes: header(4) epoch(4) || nonce(12) || commit(32) || sealed key(48). The commitment
 * closes AES-GCM's key ambiguity.
 */
import { type Bytes, concat, equal, readU32, u32 } from './bytes';
import { CryptoError } from './errors';
import { aad, checkHeader, cipherOf, derive, header, open, seal } from './keys';

const BOX_BYTES = 100;
const KIND_KEY_BOX = 2;
const KIND_CONTENT_BOX = 3;
const NO_REVISION = u32(0);

interface Parts {
  readonly epoch: number;
  readonly nonce: Bytes;
  readonly commit: Bytes;
  readonly sealed: Bytes;
}

function parse(box: Bytes, kind: number): Parts {
  checkHeader(box, [kind], BOX_BYTES, BOX_BYTES);
  return {
    epoch: readU32(box, 4),
    nonce: box.subarray(8, 20),
    commit: box.subarray(20, 52),
    sealed: box.subarray(52),
  };
}

function join(kind: number, parts: Parts): Bytes {
  return concat(header(kind), u32(parts.epoch), parts.nonce, parts.commit, parts.sealed);
}

async function keyBoxKey(rootKey: Bytes, sessionId: Bytes, epoch: number): Promise<CryptoKey> {
  return cipherOf(await derive(rootKey, 'box key', sessionId, u32(epoch)));
}

function keyBoxAad(sessionId: Bytes, epoch: number): Bytes {
  return aad('K', KIND_KEY_BOX, sessionId, u32(epoch), NO_REVISION);
}

export async function sealKeyBox(
  rootKey: Bytes,
  sessionId: Bytes,
  epoch: number,
  nonce: Bytes,
  sessionKey: Bytes,
): Promise<Bytes> {
  const commit = await derive(rootKey, 'box commit', sessionId, u32(epoch), nonce);
  const key = await keyBoxKey(rootKey, sessionId, epoch);
  const sealed = new Uint8Array(await seal(key, nonce, sessionKey, keyBoxAad(sessionId, epoch)));
  return join(KIND_KEY_BOX, { epoch, nonce, commit, sealed });
}

export interface OpenedKeyBox {
  readonly epoch: number;
  readonly sessionKey: Bytes;
}

export async function openKeyBox(
  rootKey: Bytes,
  sessionId: Bytes,
  box: Bytes,
): Promise<OpenedKeyBox> {
  const { epoch, nonce, commit, sealed } = parse(box, KIND_KEY_BOX);
  const expected = await derive(rootKey, 'box commit', sessionId, u32(epoch), nonce);
  if (!equal(commit, expected)) throw new CryptoError('authentication');
  const key = await keyBoxKey(rootKey, sessionId, epoch);
  const sessionKey = new Uint8Array(await open(key, nonce, sealed, keyBoxAad(sessionId, epoch)));
  return { epoch, sessionKey };
}

async function wrapKey(
  sessionKey: Bytes,
  sessionId: Bytes,
  epoch: number,
  contentId: Bytes,
): Promise<CryptoKey> {
  return cipherOf(await derive(sessionKey, 'content wrap', sessionId, u32(epoch), contentId));
}

function contentBoxAad(sessionId: Bytes, epoch: number, contentId: Bytes): Bytes {
  return aad('W', KIND_CONTENT_BOX, sessionId, contentId, u32(epoch), NO_REVISION);
}

export async function sealContentBox(
  sessionKey: Bytes,
  sessionId: Bytes,
  epoch: number,
  contentId: Bytes,
  nonce: Bytes,
  contentKey: Bytes,
): Promise<Bytes> {
  const key = await wrapKey(sessionKey, sessionId, epoch, contentId);
  const bound = contentBoxAad(sessionId, epoch, contentId);
  const sealed = new Uint8Array(await seal(key, nonce, contentKey, bound));
  const commit = await derive(contentKey, 'content commit', sessionId, contentId);
  return join(KIND_CONTENT_BOX, { epoch, nonce, commit, sealed });
}

export async function openContentBox(
  sessionKey: Bytes,
  sessionId: Bytes,
  contentId: Bytes,
  box: Bytes,
): Promise<Bytes> {
  const { epoch, nonce, commit, sealed } = parse(box, KIND_CONTENT_BOX);
  const key = await wrapKey(sessionKey, sessionId, epoch, contentId);
  const bound = contentBoxAad(sessionId, epoch, contentId);
  const contentKey = new Uint8Array(await open(key, nonce, sealed, bound));
  const expected = await derive(contentKey, 'content commit', sessionId, contentId);
  if (!equal(commit, expected)) throw new CryptoError('authentication');
  return contentKey;
}
