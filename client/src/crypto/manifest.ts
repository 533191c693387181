/** The manifest: the sealed description of a content (protocol.md 6). */
import { type Bytes, concat, readU32, readUtf8, u32 } from './bytes';
import { CryptoError } from './errors';
import {
  aad,
  checkHeader,
  cipherOf,
  derive,
  header,
  NONCE_BYTES,
  open,
  seal,
  TAG_BYTES,
} from './keys';

const KIND_MANIFEST = 4;
const PAD_BYTES = 256;
const PLAIN_MAX_BYTES = 16 * 1024;
const HEADER_BYTES = 8;
const SPACE = 0x20;

export type JsonObject = Readonly<Record<string, unknown>>;

/** Add spaces up to a multiple of so many bytes: JSON stays JSON, lengths say less. */
export function padJson(plain: Bytes, multiple: number): Bytes {
  const padded = new Uint8Array(Math.ceil(plain.byteLength / multiple) * multiple).fill(SPACE);
  padded.set(plain);
  return padded;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Read a JSON object; throws a CryptoError of kind format for anything else. */
export function readObject(plain: Uint8Array): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(readUtf8(plain));
  } catch {
    throw new CryptoError('format');
  }
  if (!isObject(value)) throw new CryptoError('format');
  return value;
}

async function keyOf(contentKey: Bytes, sessionId: Bytes, contentId: Bytes): Promise<CryptoKey> {
  return cipherOf(await derive(contentKey, 'manifest', sessionId, contentId));
}

function bound(sessionId: Bytes, contentId: Bytes, revision: number): Bytes {
  return aad('M', KIND_MANIFEST, sessionId, contentId, u32(revision), u32(0));
}

/** Seal a JSON object in UTF-8; throws a CryptoError of kind limit above 16 KiB. */
export async function sealManifest(
  contentKey: Bytes,
  sessionId: Bytes,
  contentId: Bytes,
  revision: number,
  nonce: Bytes,
  plain: Bytes,
): Promise<Bytes> {
  const padded = padJson(plain, PAD_BYTES);
  if (padded.byteLength > PLAIN_MAX_BYTES) throw new CryptoError('limit');
  const key = await keyOf(contentKey, sessionId, contentId);
  const sealed = await seal(key, nonce, padded, bound(sessionId, contentId, revision));
  return concat(header(KIND_MANIFEST), u32(revision), nonce, new Uint8Array(sealed));
}

export interface OpenedManifest {
  readonly revision: number;
  /** All members, known or not. */
  readonly manifest: JsonObject;
}

export async function openManifest(
  contentKey: Bytes,
  sessionId: Bytes,
  contentId: Bytes,
  sealed: Bytes,
): Promise<OpenedManifest> {
  const overhead = HEADER_BYTES + NONCE_BYTES + TAG_BYTES;
  checkHeader(sealed, [KIND_MANIFEST], overhead, overhead + PLAIN_MAX_BYTES);
  const revision = readU32(sealed, 4);
  const key = await keyOf(contentKey, sessionId, contentId);
  const plain = await open(
    key,
    sealed.subarray(HEADER_BYTES, HEADER_BYTES + NONCE_BYTES),
    sealed.subarray(HEADER_BYTES + NONCE_BYTES),
    bound(sessionId, contentId, revision),
  );
  return { revision, manifest: readObject(new Uint8Array(plain)) };
}
