/**
 * The keeper of one session's keys: they are made here and never leave.
 *
 * It runs in the worker (worker.ts); the page sees it through port.ts. Values at the border are
 * spelt as on the wire (ids hex, bytes base64url); chunks are transferred, not copied.
 */
import { type Bytes, base64url, fromBase64url, fromHex, hex, randomBytes, utf8 } from './bytes';
import { openContentBox, openKeyBox, sealContentBox, sealKeyBox } from './boxes';
import { ChunkCipher, makeRoot } from './chunk';
import { makeConvergent, Pieces } from './dedup';
import { CryptoError } from './errors';
import { Events } from './events';
import {
  checkSignature,
  type Fingerprint,
  makeFingerprint,
  makeProof,
  makeSignature,
  type Nonces,
} from './fingerprint';
import { deriveRootKey, deriveSessionId, ITERATIONS_DEFAULT } from './kdf';
import { KEY_BYTES, NONCE_BYTES, sha256, sha256Of, SUITE } from './keys';
import { type JsonObject, openManifest, sealManifest } from './manifest';
import {
  type ChunkResult,
  type Creation,
  type Entry,
  type NewContent,
  sameTerms,
  type Terms,
} from './terms';

const SALT_BYTES = 16;
const PREFIX_BYTES = 7;
const FIRST_EPOCH = 1;

interface ContentKey {
  readonly key: Bytes;
  /** The blob that its chunks are part of: its own, or one it shares with equal files. */
  readonly blobId: Bytes;
}

interface Root {
  readonly terms: Terms;
  readonly key: Bytes;
  readonly fingerprint: Fingerprint;
}

function required<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new RangeError('asked in the wrong order');
  return value;
}

export class Keeper {
  #sessionId: Bytes | null = null;
  #root: Root | null = null;
  #challenge: { readonly nonces: Nonces; readonly proof: Bytes } | null = null;
  #session: { readonly key: Bytes; readonly id: Bytes; readonly epoch: number } | null = null;
  #events: Events | null = null;
  readonly #contents = new Map<string, ContentKey>();
  readonly #ciphers = new Map<string, Promise<ChunkCipher>>();
  /** Of contents that are sent under the keys of all equal files. */
  readonly #pieces = new Map<string, Pieces>();

  /** Say which session it is about; gives its id. */
  async identify(realm: string, sessionName: string): Promise<string> {
    this.#sessionId = await deriveSessionId(fromHex(realm), sessionName);
    return hex(this.#sessionId);
  }

  /** Whether the keys in hand were derived on these terms: then a rejoin needs no passphrase. */
  holds(terms: Terms): boolean {
    return this.#root !== null && sameTerms(this.#root.terms, terms);
  }

  /** Derive the root key; takes some 0.2 s. */
  async derive(passphrase: string, terms: Terms): Promise<void> {
    if (terms.suite !== SUITE) throw new CryptoError('suite');
    const sessionId = required(this.#sessionId);
    const salt = fromBase64url(terms.salt);
    const key = await deriveRootKey(passphrase, sessionId, salt, terms.iterations);
    const iv = fromBase64url(terms.fingerprintIv);
    this.#root = { terms, key, fingerprint: await makeFingerprint(key, sessionId, iv) };
  }

  /** Make a new session on fresh terms. */
  async create(passphrase: string): Promise<Creation> {
    const terms = {
      suite: SUITE,
      salt: base64url(randomBytes(SALT_BYTES)),
      iterations: ITERATIONS_DEFAULT,
      fingerprintIv: base64url(randomBytes(NONCE_BYTES)),
    };
    await this.derive(passphrase, terms);
    const { key, fingerprint } = required(this.#root);
    const sessionKey = randomBytes(KEY_BYTES);
    const nonce = randomBytes(NONCE_BYTES);
    const sessionId = required(this.#sessionId);
    return {
      ...terms,
      fingerprintData: base64url(fingerprint.fingerprintData),
      serverKey: base64url(fingerprint.serverKey),
      keyBox: base64url(await sealKeyBox(key, sessionId, FIRST_EPOCH, nonce, sessionKey)),
      ownerHash: base64url(await sha256(utf8('ShareThings/1 owner\0'), randomBytes(KEY_BYTES))),
    };
  }

  /** Prove the passphrase for one challenge. */
  async prove(clientNonce: string, serverNonce: string): Promise<string> {
    const nonces = { client: fromBase64url(clientNonce), server: fromBase64url(serverNonce) };
    const { fingerprint } = required(this.#root);
    const proof = await makeProof(fingerprint, required(this.#sessionId), nonces);
    this.#challenge = { nonces, proof };
    return base64url(proof);
  }

  /** Check the server's signature, open the session key, and become a member. */
  async enter(entry: Entry): Promise<void> {
    const sessionId = required(this.#sessionId);
    const { key, fingerprint } = required(this.#root);
    const { nonces, proof } = required(this.#challenge);
    const expected = await makeSignature(fingerprint.serverKey, sessionId, nonces, proof);
    checkSignature(expected, fromBase64url(entry.sig));
    const { epoch, sessionKey } = await openKeyBox(key, sessionId, fromBase64url(entry.keyBox));
    this.#session = { key: sessionKey, id: sessionId, epoch };
    this.#challenge = null;
    this.#events = await Events.make(this.#session, entry.memberId);
  }

  /** Draw the key of a new content; its blob is its own. */
  async newContent(contentId: string): Promise<NewContent> {
    return this.#newContent(contentId, randomBytes(KEY_BYTES), fromHex(contentId));
  }

  /**
   * Make the key of a new content as every equal file of the session has it (protocol.md 8), by
   * its true size and the SHA-256 of each piece, padding included.
   */
  async newEqual(
    contentId: string,
    chunkSize: number,
    size: number,
    plainDigests: readonly Bytes[],
  ): Promise<NewContent> {
    const equal = await makeConvergent(required(this.#session), chunkSize, size, plainDigests);
    this.#pieces.set(contentId, new Pieces(equal.prefix, plainDigests));
    return this.#newContent(contentId, equal.contentKey, equal.blobId);
  }

  async #newContent(contentId: string, contentKey: Bytes, blobId: Bytes): Promise<NewContent> {
    const session = required(this.#session);
    const nonce = randomBytes(NONCE_BYTES);
    const id = fromHex(contentId);
    const box = await sealContentBox(session.key, session.id, session.epoch, id, nonce, contentKey);
    this.#contents.set(contentId, { key: contentKey, blobId });
    return { contentBox: base64url(box), blobId: hex(blobId) };
  }

  /** The SHA-256 of a plain piece. */
  async digest(plain: Bytes): Promise<Bytes> {
    return sha256Of(plain);
  }

  /** Open a content's box and keep its key; `blobId` is what its chunks are part of. */
  async openContent(contentId: string, contentBox: string, blobId: string): Promise<void> {
    const session = required(this.#session);
    const box = fromBase64url(contentBox);
    const id = fromHex(contentId);
    const key = await openContentBox(session.key, session.id, id, box);
    this.#contents.set(contentId, { key, blobId: fromHex(blobId) });
  }

  /** Forget a content's key. */
  forgetContent(contentId: string): void {
    this.#contents.delete(contentId);
    this.#pieces.delete(contentId);
    for (const name of this.#ciphers.keys()) {
      if (name.startsWith(contentId)) this.#ciphers.delete(name);
    }
  }

  async sealManifest(contentId: string, revision: number, manifest: JsonObject): Promise<string> {
    const { key } = required(this.#contents.get(contentId));
    const plain = utf8(JSON.stringify(manifest));
    const nonce = randomBytes(NONCE_BYTES);
    const sessionId = required(this.#sessionId);
    const id = fromHex(contentId);
    return base64url(await sealManifest(key, sessionId, id, revision, nonce, plain));
  }

  async openManifest(contentId: string, sealed: string) {
    const { key } = required(this.#contents.get(contentId));
    const sessionId = required(this.#sessionId);
    return openManifest(key, sessionId, fromHex(contentId), fromBase64url(sealed));
  }

  #cipher(contentId: string, chunkSize: number): Promise<ChunkCipher> {
    const name = `${contentId} ${chunkSize}`;
    const known = this.#ciphers.get(name);
    if (known !== undefined) return known;
    const { key, blobId } = required(this.#contents.get(contentId));
    const made = ChunkCipher.make(key, required(this.#sessionId), blobId, chunkSize);
    this.#ciphers.set(name, made);
    return made;
  }

  async sealChunk(
    contentId: string,
    index: number,
    last: boolean,
    chunkSize: number,
    plain: Bytes,
  ): Promise<ChunkResult> {
    const cipher = await this.#cipher(contentId, chunkSize);
    const pieces = this.#pieces.get(contentId);
    const prefix = (await pieces?.prefixOf(index, plain)) ?? randomBytes(PREFIX_BYTES);
    const bytes = await cipher.seal(index, plain, prefix, last);
    return { bytes, digest: await sha256Of(bytes) };
  }

  async openChunk(
    contentId: string,
    index: number,
    last: boolean,
    chunkSize: number,
    sealed: Bytes,
  ): Promise<ChunkResult> {
    const cipher = await this.#cipher(contentId, chunkSize);
    const digest = await sha256Of(sealed);
    return { bytes: await cipher.open(index, sealed, last), digest };
  }

  /** The root over the digests of all chunks, lower-case hex as manifests hold it. */
  async root(digests: readonly Uint8Array[]): Promise<string> {
    return hex(await makeRoot(digests));
  }

  /** Seal an event of this member. */
  async sealEvent(event: JsonObject, kept: boolean): Promise<string> {
    return required(this.#events).seal(event, kept);
  }

  /** Open an event of another member. */
  async openEvent(memberId: string, sealed: string) {
    return required(this.#events).open(memberId, sealed);
  }
}
