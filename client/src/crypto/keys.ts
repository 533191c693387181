/** Labels, key derivation and normal form of text (protocol.md 1). WebCrypto alone. */
import { type Bytes, concat, utf8 } from './bytes';
import { CryptoError } from './errors';

export const SUITE = 1;
export const KEY_BYTES = 32;
export const NONCE_BYTES = 12;
export const TAG_BYTES = 16;
const MAGIC_S = 0x53;
const MAGIC_T = 0x54;

/** L(text): the domain that a hash or key belongs to. */
export function label(text: string): Bytes {
  return utf8(`ShareThings/1 ${text}\0`);
}

export async function sha256(...parts: readonly Uint8Array[]): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', concat(...parts)));
}

/** SHA-256 of large bytes, without joining them first. */
export async function sha256Of(bytes: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}

export async function hmac(key: Bytes, ...parts: readonly Uint8Array[]): Promise<Bytes> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const imported = await crypto.subtle.importKey('raw', key, algorithm, false, ['sign']);
  return new Uint8Array(await crypto.subtle.sign('HMAC', imported, concat(...parts)));
}

/** D(key, text, context): 32 bytes by HKDF-SHA-256 (RFC 5869), empty salt. */
export async function derive(
  key: Bytes,
  text: string,
  ...context: readonly Uint8Array[]
): Promise<Bytes> {
  const imported = await crypto.subtle.importKey('raw', key, 'HKDF', false, ['deriveBits']);
  const info = concat(label(text), ...context);
  const algorithm = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info };
  return new Uint8Array(await crypto.subtle.deriveBits(algorithm, imported, KEY_BYTES * 8));
}

/** An AES-256-GCM key that cannot be read out again. */
export async function cipherOf(key: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['encrypt', 'decrypt']);
}

export async function seal(
  key: CryptoKey,
  nonce: Bytes,
  plain: Bytes,
  aad: Bytes,
): Promise<ArrayBuffer> {
  const algorithm = { name: 'AES-GCM', iv: nonce, additionalData: aad, tagLength: 128 };
  return crypto.subtle.encrypt(algorithm, key, plain);
}

/** Throws a CryptoError of kind authentication when the bytes were not sealed so. */
export async function open(
  key: CryptoKey,
  nonce: Bytes,
  sealed: Bytes,
  aad: Bytes,
): Promise<ArrayBuffer> {
  const algorithm = { name: 'AES-GCM', iv: nonce, additionalData: aad, tagLength: 128 };
  try {
    return await crypto.subtle.decrypt(algorithm, key, sealed);
  } catch {
    throw new CryptoError('authentication');
  }
}

/**
 * NFC in UTF-8 without space, tab, LF, CR at the ends; only those four, as `trim` and Python's
 * `strip` disagree about the others.
 */
export function norm(text: string): Bytes {
  return utf8(text.normalize('NFC').replace(/^[ \t\n\r]+|[ \t\n\r]+$/g, ''));
}

/** AAD(tag, kind, rest): what a ciphertext is bound to. */
export function aad(tag: string, kind: number, ...rest: readonly Uint8Array[]): Bytes {
  return concat(utf8(`ST1${tag}`), Uint8Array.of(SUITE, kind, 0, 0), ...rest);
}

/** "ST", suite, kind: the first four bytes of all that is sealed. */
export function header(kind: number): Bytes {
  return Uint8Array.of(MAGIC_S, MAGIC_T, SUITE, kind);
}

/** Refuse bytes that are too short, of another format, suite or kind. */
export function checkHeader(
  bytes: Uint8Array,
  kinds: readonly number[],
  smallest: number,
  largest = Number.POSITIVE_INFINITY,
): void {
  const fits = bytes.byteLength >= smallest && bytes.byteLength <= largest;
  if (!fits || bytes[0] !== MAGIC_S || bytes[1] !== MAGIC_T) throw new CryptoError('format');
  if (bytes[2] !== SUITE) throw new CryptoError('suite');
  if (!kinds.includes(bytes[3] ?? -1)) throw new CryptoError('format');
}
