/** The keys of a session's contents, and the key of what this browser keeps beside the session. */
import { type Bytes, base64url, fromBase64url, fromHex, hex, randomBytes, utf8 } from './bytes';
import { openContentBox, sealContentBox } from './boxes';
import { ChunkCipher } from './chunk';
import { makeConvergent, Pieces } from './dedup';
import { KEY_BYTES, NONCE_BYTES, sha256Of } from './keys';
import { localPlace, openLocal, sealLocal, type SessionKey } from './local';
import { type JsonObject, openManifest, sealManifest } from './manifest';
import type { ChunkResult, NewContent, OpenedChunk } from './terms';

const PREFIX_BYTES = 7;

interface ContentKey {
  readonly key: Bytes;
  /** The blob that its chunks are part of: its own, or one it shares with equal files. */
  readonly blobId: Bytes;
}

export function required<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new RangeError('asked in the wrong order');
  return value;
}

export class ContentKeys {
  #session: SessionKey | null = null;
  readonly #contents = new Map<string, ContentKey>();
  readonly #ciphers = new Map<string, Promise<ChunkCipher>>();
  /** Of contents that are sent under the keys of all equal files. */
  readonly #pieces = new Map<string, Pieces>();

  /** Take the key of the session that was joined. */
  protected use(session: SessionKey): void {
    this.#session = session;
  }

  /** Where this browser keeps what belongs to the session: hex, known to nobody without its key. */
  async localPlace(): Promise<string> {
    return localPlace(required(this.#session));
  }

  /** Seal what stays in this browser; it opens again for the same `purpose` alone. */
  async sealLocal(purpose: string, plain: Bytes): Promise<Bytes> {
    return sealLocal(required(this.#session), purpose, plain);
  }

  async openLocal(purpose: string, sealed: Bytes): Promise<Bytes> {
    return openLocal(required(this.#session), purpose, sealed);
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
    const sessionId = required(this.#session).id;
    const id = fromHex(contentId);
    return base64url(await sealManifest(key, sessionId, id, revision, nonce, plain));
  }

  async openManifest(contentId: string, sealed: string) {
    const { key } = required(this.#contents.get(contentId));
    const sessionId = required(this.#session).id;
    return openManifest(key, sessionId, fromHex(contentId), fromBase64url(sealed));
  }

  #cipher(contentId: string, chunkSize: number): Promise<ChunkCipher> {
    const name = `${contentId} ${chunkSize}`;
    const known = this.#ciphers.get(name);
    if (known !== undefined) return known;
    const { key, blobId } = required(this.#contents.get(contentId));
    const made = ChunkCipher.make(key, required(this.#session).id, blobId, chunkSize);
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
  ): Promise<OpenedChunk> {
    const cipher = await this.#cipher(contentId, chunkSize);
    const digest = await sha256Of(sealed);
    return { bytes: await cipher.open(index, sealed, last), digest, sealed };
  }
}
