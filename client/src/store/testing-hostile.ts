/** For tests: a server that stores honestly, and lies in one answer when it is told to. */
import { expose } from 'comlink';

import { base64url, type Bytes, fromBase64url, fromHex, randomBytes } from '../crypto/bytes';
import { makeSignature } from '../crypto/fingerprint';
import { Keeper } from '../crypto/keeper';
import { type KeyPort, keysBehind } from '../crypto/port';
import { type Control, readAnswer } from '../protocol/control';
import { asProblem } from '../protocol/errors';
import type { Requests } from '../protocol/generated';
import { Places, REQUESTS_COUNT } from '../transfer/window';
import { Entering } from './entrance';
import { Fetching } from './fetching';
import { Inbox } from './inbox';
import { Listing } from './listing';
import { writeManifest } from './manifest';
import type { ContentKind } from './model';
import { Opener } from './opening';
import { StateStore } from './state';
import { type Answer, CHUNK_SIZE, type Film, type Lie, type Row } from './testing-lies';

type Body = Requests[keyof Requests]['request'];

export const PASSPHRASE = 'correct horse battery staple';
const REALM = '0'.repeat(32);
const POLICY = { idle_seconds: 0, contents_max: 0, drops_oldest: false, deduplicates: true };
const ABSENT = { code: 'chunk_not_found', message: 'It is not there.', retryable: true };

export class Hostile {
  lie: Lie | null = null;
  readonly rows = new Map<string, Row>();
  readonly chunks = new Map<string, Bytes>();
  /** The last honest answer to each event. */
  readonly answers = new Map<string, Answer>();
  #terms: Answer | null = null;
  #nonces = { client: new Uint8Array(), server: new Uint8Array() };

  readonly control: Control = {
    request: async (event, body) => {
      const honest = await this.#answer(event, body);
      this.answers.set(event, honest);
      const said = this.lie?.answer === event ? this.lie.tell(honest) : honest;
      try {
        return readAnswer(event, { result: said });
      } catch (thrown) {
        throw asProblem(thrown); // as openControl does
      }
    },
  };

  async #answer(event: string, body: Body): Promise<Answer> {
    if ('client_nonce' in body) return this.#hello(body.client_nonce);
    if ('proof' in body) return this.#join(body.session_id, body.proof);
    if ('server_key' in body) {
      this.#terms = { ...body };
      return { created: true };
    }
    return event === 'content:list' ? this.#page() : {};
  }

  #hello(clientNonce: string): Answer {
    this.#nonces = { client: fromBase64url(clientNonce), server: randomBytes(32) };
    const server_nonce = base64url(this.#nonces.server);
    if (this.#terms === null) return { exists: false, server_nonce };
    const { suite, salt, iterations, fingerprint_iv } = this.#terms;
    return { exists: true, server_nonce, suite, salt, iterations, fingerprint_iv };
  }

  async #join(sessionId: string, proof: string): Promise<Answer> {
    const key = fromBase64url(String(this.#terms?.['server_key']));
    const id = fromHex(sessionId);
    const sig = await makeSignature(key, id, this.#nonces, fromBase64url(proof));
    return {
      sig: base64url(sig),
      token: base64url(randomBytes(32)),
      epoch: 1,
      key_box: this.#terms?.['key_box'],
      created_at: 5,
      policy: POLICY,
      page: this.#page(),
    };
  }

  #page(): Answer {
    return { revision: 1, through: 1, contents: [...this.rows.values()], members: [], removed: [] };
  }

  /** Stands for `fetch`. */
  readonly fetch = (url: URL): Promise<Response> => {
    const [contentId = '', , index = ''] = url.pathname.split('/').slice(-3);
    const honest = this.chunks.get(`${contentId} ${index}`) ?? null;
    const isLie = this.lie?.answer === `chunk ${index}` && this.lie.chunk !== undefined;
    const said = isLie && honest !== null ? (this.lie?.chunk?.(honest) ?? null) : honest;
    if (said !== null) return Promise.resolve(new Response(said));
    return Promise.resolve(Response.json({ error: ABSENT }, { status: 404 }));
  };
}

/** A member of the session on such a server, by the browser's own way in. */
export class Member {
  readonly #keys: KeyPort;
  readonly #opener: Opener;
  readonly #hostile: Hostile;
  readonly #sessionId: string;
  readonly #entering: Entering;
  #state = new StateStore('garden', 'Ada');

  private constructor(hostile: Hostile, keys: KeyPort, sessionId: string) {
    this.#hostile = hostile;
    this.#keys = keys;
    this.#sessionId = sessionId;
    this.#opener = new Opener(keys);
    this.#entering = this.newcomer();
  }

  static async of(hostile: Hostile): Promise<Member> {
    const { port1, port2 } = new MessageChannel();
    expose(new Keeper(), port1);
    const keys = keysBehind(port2, () => {
      port1.close();
      port2.close();
    });
    const member = new Member(hostile, keys, await keys.keeper.identify(REALM, 'garden'));
    await member.enter();
    return member;
  }

  close(): void {
    this.#keys.close();
  }

  /** Somebody who has the passphrase, and no keys in hand but this member's. */
  newcomer(): Entering {
    const policy = { idleSeconds: null, contentsMax: 0, dropsOldest: false };
    const options = { sessionId: this.#sessionId, create: true, policy, onPhase: () => undefined };
    const listing = new Listing(this.#state, this.#opener, () => undefined);
    const entering = new Entering(this.#keys, this.#state, listing, options);
    entering.learn(PASSPHRASE);
    return entering;
  }

  /** Join, or join again. */
  async enter(entering: Entering = this.#entering): Promise<void> {
    const inbox = new Inbox(() => undefined, new AbortController().signal);
    await entering.enter({ control: this.#hostile.control, inbox });
  }

  /** Ask what there is; by somebody who knows nothing yet, or has seen it `honest` before. */
  async look(hasSeen: boolean): Promise<void> {
    const { lie, control } = this.#hostile;
    this.#state = new StateStore('garden', 'Ada');
    const listing = new Listing(this.#state, this.#opener, () => undefined);
    if (hasSeen) {
      this.#hostile.lie = null;
      await listing.catchUp(control);
      this.#hostile.lie = lie;
    }
    await listing.catchUp(control);
  }

  /** What is wrong with a content that is listed; null for nothing. */
  problem(contentId: string): string | null {
    const item = this.#state.model.contents.items.get(contentId);
    return item?.kind === 'unreadable' ? item.unreadable.problem.code : null;
  }

  /** Read a content to the end or its refusal; `onPiece` is given what comes out. */
  async read(contentId: string, onPiece: (piece: Bytes) => void): Promise<void> {
    const lost = new AbortController().signal;
    const { control } = this.#hostile;
    const requests = new Places(REQUESTS_COUNT);
    const joined = { sessionId: this.#sessionId, control, token: 'token', requests, lost };
    const lines = {
      joined: () => Promise.resolve(joined),
      drop: () => undefined,
      now: () => joined,
    };
    const fetching = new Fetching(this.#keys, lines, this.#state);
    for await (const piece of fetching.plain(contentId, lost)) onPiece(piece);
  }

  /** Share a content of full chunks, or a small text of one. */
  async share(contentId: string, kind: ContentKind, plain: Bytes): Promise<Film> {
    const { keeper, sealChunk } = this.#keys;
    const { contentBox, blobId } = await keeper.newContent(contentId);
    const chunkCount = Math.ceil(plain.byteLength / CHUNK_SIZE);
    const seal = async (index: number) => {
      const piece = plain.slice(index * CHUNK_SIZE, (index + 1) * CHUNK_SIZE);
      return sealChunk(contentId, index, index === chunkCount - 1, CHUNK_SIZE, piece);
    };
    const indexes = Array.from({ length: chunkCount }, (_, index) => index);
    const sealed = await Promise.all(indexes.map(seal));
    const again = await Promise.all(indexes.map(seal));
    const root = await keeper.root(sealed.map(({ digest }) => digest));
    const said = { kind, name: contentId, mime: 'text/plain', senderName: 'Ada', createdAt: 5 };
    const size = plain.byteLength;
    const beside = { thumb: null, folder: null };
    const described = { ...said, ...beside, size, chunkSize: CHUNK_SIZE, chunkCount };
    const row = {
      content_id: contentId,
      blob_id: blobId,
      position: this.#hostile.rows.size + 1,
      revision: 1,
      state: 'complete',
      chunk_size: CHUNK_SIZE,
      created_at: 5,
      content_box: contentBox,
      manifest: await keeper.sealManifest(contentId, 2, writeManifest(described, root)),
      ...(kind === 'text' ? { chunk: base64url(sealed[0]?.bytes ?? new Uint8Array()) } : {}),
    };
    const chunks = sealed.map(({ bytes }) => bytes);
    for (const [index, chunk] of chunks.entries()) {
      this.#hostile.chunks.set(`${contentId} ${String(index)}`, chunk);
    }
    this.#hostile.rows.set(contentId, row);
    const firstManifest = await keeper.sealManifest(contentId, 1, writeManifest(described));
    const others = again.map(({ bytes }) => bytes);
    return { contentId, row, plain, firstManifest, chunks, again: others };
  }
}
