/**
 * The keeper of one session's keys: they are made here and never leave.
 *
 * It runs in the worker (worker.ts); the page sees it through port.ts. Values at the border are
 * spelt as on the wire (ids hex, bytes base64url); chunks are transferred, not copied.
 */
import { type Bytes, base64url, fromBase64url, fromHex, hex, randomBytes, utf8 } from './bytes';
import { openKeyBox, sealKeyBox } from './boxes';
import { makeRoot } from './chunk';
import { ContentKeys, required } from './content-keys';
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
import { KEY_BYTES, NONCE_BYTES, sha256, SUITE } from './keys';
import type { JsonObject } from './manifest';
import { type Creation, type Entry, sameTerms, type Terms } from './terms';

const SALT_BYTES = 16;
const FIRST_EPOCH = 1;

interface Root {
  readonly terms: Terms;
  readonly key: Bytes;
  readonly fingerprint: Fingerprint;
}

export class Keeper extends ContentKeys {
  #sessionId: Bytes | null = null;
  #root: Root | null = null;
  #challenge: { readonly nonces: Nonces; readonly proof: Bytes } | null = null;
  #events: Events | null = null;

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
    const session = { key: sessionKey, id: sessionId, epoch };
    this.use(session);
    this.#challenge = null;
    this.#events = await Events.make(session, entry.memberId);
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
