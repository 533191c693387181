/** For tests: real keys, and a server of one content over real HTTP, with faults on demand. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

import { vi } from 'vitest';

import { base64url, fromBase64url, fromHex, hex, randomBytes, u32 } from '../crypto/bytes';
import { makeSignature } from '../crypto/fingerprint';
import { Keeper } from '../crypto/keeper';
import type { Control } from '../protocol/control';
import { readAnswer } from '../protocol/control';
import { LIMITS } from '../protocol/generated';
import type { Joined, Links } from './links';
import { Places, REQUESTS_COUNT } from './window';

/** A keeper that has joined a new session, and the session's id. */
export async function joinedKeeper(): Promise<{ keeper: Keeper; sessionId: string }> {
  const keeper = new Keeper();
  const sessionId = await keeper.identify('0'.repeat(32), 'garden');
  const creation = await keeper.create('correct horse battery staple');
  const nonces = { client: randomBytes(32), server: randomBytes(32) };
  const proof = await keeper.prove(base64url(nonces.client), base64url(nonces.server));
  const serverKey = fromBase64url(creation.serverKey);
  const sig = await makeSignature(serverKey, fromHex(sessionId), nonces, fromBase64url(proof));
  const memberId = hex(randomBytes(16));
  await keeper.enter({ sig: base64url(sig), keyBox: creation.keyBox, memberId });
  return { keeper, sessionId };
}

/** What happens to one request instead of its answer. */
export type Fault =
  /** The connection breaks: before the chunk is stored, or after it. */
  | 'break before'
  | 'break after'
  /** The chunk is stored, its answer is lost, the connection stays. */
  | 'no answer'
  | { readonly status: number; readonly code: string; readonly retryable: boolean };

/** One content on a server. `faults` holds what happens to the next requests of `METHOD index`. */
export class ContentServer implements Links {
  readonly chunks = new Map<number, Buffer>();
  readonly faults = new Map<string, Fault[]>();
  /** Every digest that was offered for an index. */
  readonly offered = new Map<number, Set<string>>();
  readonly asked: string[] = [];
  /** How much longer than others the last request was given. */
  moreMs: number | undefined;
  /** What was asked of which chunk. */
  readonly got: (readonly [number, string])[] = [];
  /** The chunks that were sent, each time. */
  readonly puts: number[] = [];
  /** From which index on the digests of what is stored were asked for. */
  readonly listed: number[] = [];
  count = 0;
  isComplete = false;
  dropped = 0;
  readonly requests = new Places(REQUESTS_COUNT);
  /** Requests for chunks that wait for their answer, which they get behind the gate. */
  open = 0;
  gate = Promise.resolve();
  readonly #http: Server;
  readonly #sessionId: string;
  #lost = new AbortController();
  #joined: Joined | null = null;
  base = '';

  constructor(sessionId: string) {
    this.#sessionId = sessionId;
    this.#http = createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => {
        if (!request.destroyed) throw error; // else the client has hung up
      });
    });
  }

  async start(): Promise<void> {
    this.#http.listen(0, '127.0.0.1');
    await once(this.#http, 'listening');
    const address = this.#http.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    this.base = `http://127.0.0.1:${String(address.port)}/`;
  }

  stop(): void {
    this.#http.closeAllConnections();
    this.#http.close();
  }

  /** The connection is lost; the next one is there at once. */
  lose(): void {
    this.#lost.abort();
    this.#lost = new AbortController();
    this.#joined = null;
  }

  readonly joined = (): Promise<Joined> => Promise.resolve((this.#joined ??= this.#join()));

  #join(): Joined {
    const lost = this.#lost.signal;
    const control: Control = {
      request: (event, body, moreMs) =>
        Promise.resolve().then(() => {
          this.asked.push(event);
          this.moreMs = moreMs;
          return readAnswer(event, this.#reply(event, body));
        }),
    };
    const { requests } = this;
    const over = new AbortController().signal;
    return { sessionId: this.#sessionId, control, requests, token: 'token', lost, over };
  }

  readonly drop = (): void => {
    this.dropped += 1;
    this.lose();
  };

  missing(): [number, number][] {
    const ranges: [number, number][] = [];
    for (let index = 0; index < this.count; index += 1) {
      if (this.chunks.has(index)) continue;
      const before = ranges.at(-1);
      if (before?.[1] === index - 1) before[1] = index;
      else ranges.push([index, index]);
    }
    return ranges;
  }

  /** The root over the digests of what is stored, as the client must find it. */
  digests(): Buffer[] {
    return [...this.chunks].sort(([one], [other]) => one - other).map(([, chunk]) => sha256(chunk));
  }

  #reply(event: string, body: unknown): unknown {
    const fault = this.faults.get(event)?.shift();
    if (fault !== undefined && typeof fault !== 'string') return { error: errorOf(fault) };
    const missing = this.missing();
    if (event === 'content:complete') {
      if (missing.length > 0) {
        return { error: { code: 'chunks_missing', message: 'Send them.', missing } };
      }
      this.isComplete = true;
      return { result: { revision: 2 } };
    }
    if (typeof body === 'object' && body !== null && 'chunk' in body) this.isComplete = true;
    const state = this.isComplete ? 'complete' : 'uploading';
    return { result: { revision: 1, state, missing } };
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.open += 1;
    response.once('close', () => (this.open -= 1));
    const place = request.url?.split('/').at(-1) ?? '';
    const index = Number(place);
    const body: Buffer[] = [];
    for await (const piece of request) if (Buffer.isBuffer(piece)) body.push(piece);
    await this.gate;
    const fault = this.faults.get(`${request.method ?? ''} ${String(index)}`)?.shift();
    if (fault === 'break before') {
      this.lose();
      response.destroy();
    } else if (typeof fault === 'object') {
      response.writeHead(fault.status).end(JSON.stringify({ error: errorOf(fault) }));
    } else if (place.startsWith('digests?from=')) {
      this.#list(Number(place.slice('digests?from='.length)), response);
    } else if (request.method === 'PUT') {
      this.#store(index, Buffer.concat(body), response, fault);
    } else {
      const chunk = this.chunks.get(index);
      const absent = { status: 404, code: 'chunk_not_found', retryable: true };
      this.got.push([index, request.headers.range ?? 'all']);
      if (chunk !== undefined) response.writeHead(200, headersOf(chunk)).end(chunk);
      else response.writeHead(404).end(JSON.stringify({ error: errorOf(absent) }));
    }
  }

  /** Index and digest of what is stored. */
  #list(from: number, response: ServerResponse): void {
    this.listed.push(from);
    const lines = [...this.chunks]
      .filter(([index]) => index >= from)
      .sort(([one], [other]) => one - other)
      .slice(0, LIMITS.DIGESTS_MAX)
      .map(([index, chunk]) => Buffer.concat([u32(index), sha256(chunk)]));
    response.writeHead(200).end(Buffer.concat(lines));
  }

  #store(index: number, chunk: Buffer, response: ServerResponse, fault?: Fault): void {
    this.puts.push(index);
    const digest = sha256(chunk).toString('hex');
    this.offered.set(index, (this.offered.get(index) ?? new Set()).add(digest));
    const known = this.chunks.get(index);
    const conflict = { status: 409, code: 'chunk_conflict', retryable: false };
    if (known !== undefined && !known.equals(chunk)) {
      response.writeHead(409).end(JSON.stringify({ error: errorOf(conflict) }));
      return;
    }
    this.chunks.set(index, chunk);
    if (fault === 'break after') this.lose();
    if (fault !== undefined) {
      response.destroy();
    } else {
      const stored = { stored_count: this.chunks.size, stored_bytes: 0 };
      response.writeHead(201).end(JSON.stringify(stored));
    }
  }
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}

function headersOf(chunk: Buffer) {
  return { Digest: `sha-256=${sha256(chunk).toString('base64')}` };
}

function errorOf({ code, retryable }: { code: string; retryable: boolean }) {
  return { code, message: `${code}.`, retryable };
}

/** A keeper that has joined, and the page's server, which runs until it is stopped. */
export async function joinedServer(): Promise<{ keeper: Keeper; server: ContentServer }> {
  const { keeper, sessionId } = await joinedKeeper();
  const server = new ContentServer(sessionId);
  await server.start();
  vi.stubGlobal('document', { baseURI: server.base });
  return { keeper, server };
}
