/** For tests: a server that stores honestly, and lies in one answer when it is told to. */

import { base64url, type Bytes, fromBase64url, fromHex, randomBytes } from '../crypto/bytes';
import { makeSignature } from '../crypto/fingerprint';
import { type Control, readAnswer } from '../protocol/control';
import { isRecord } from '../protocol/decode';
import { asProblem } from '../protocol/errors';
import type { Requests } from '../protocol/generated';
import { type Answer, type Lie, LIST, type Row } from './testing-lies';

type Body = Requests[keyof Requests]['request'];

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

  /** The rows, or what is said instead. */
  listed(): readonly unknown[] {
    const honest = this.#page();
    const said = this.lie?.answer === LIST ? this.lie.tell(honest) : honest;
    return isRecord(said) && Array.isArray(said['contents']) ? said['contents'] : [];
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
