/** The page's face of the key worker: the only way from a page to a key. */
import { type Endpoint, type Remote, transfer, wrap } from 'comlink';

import type { Bytes } from './bytes';
import { CryptoError } from './errors';
import type { Keeper } from './keeper';
import type { ChunkResult, OpenedChunk } from './terms';
import { trustedScript } from './trusted';
import workerAddress from './worker?worker&url';

export type { ChunkResult, Creation, Entry, NewContent, OpenedChunk, Terms } from './terms';
export type { JsonObject } from './manifest';

/** Keys in a worker of their own. */
export interface KeyPort {
  readonly keeper: Remote<Keeper>;
  /** The SHA-256 of a plain piece; its buffer is given away. */
  readonly digest: (plain: Bytes) => Promise<Bytes>;
  /** Seal a piece; its buffer is given away. */
  readonly sealChunk: (
    contentId: string,
    index: number,
    last: boolean,
    chunkSize: number,
    plain: Bytes,
  ) => Promise<ChunkResult>;
  /** Open a chunk; its buffer is given away, and comes back with the opened one. */
  readonly openChunk: (
    contentId: string,
    index: number,
    last: boolean,
    chunkSize: number,
    sealed: Bytes,
  ) => Promise<OpenedChunk>;
  /** End the worker: the keys are gone with it, and every call fails with a KeysLostError. */
  readonly close: () => void;
}

/** The keys are gone, or never came: the worker was ended, or its script did not load. */
export class KeysLostError extends Error {
  override readonly name = 'KeysLostError';
}

/** Calls under way: a worker that is gone answers none, so each of them fails at its end. */
class Calls {
  readonly #fails = new Set<(reason: Error) => void>();
  #isOver = false;

  async wait<T>(call: () => Promise<T>): Promise<T> {
    if (this.#isOver) throw new KeysLostError();
    let fail: (reason: Error) => void = () => undefined;
    const lost = new Promise<never>((_resolve, reject) => {
      fail = reject;
    });
    this.#fails.add(fail);
    try {
      return await Promise.race([call(), lost]);
    } finally {
      this.#fails.delete(fail);
    }
  }

  end(): void {
    this.#isOver = true;
    for (const fail of this.#fails) fail(new KeysLostError());
  }
}

function watched(keeper: Remote<Keeper>, calls: Calls): Remote<Keeper> {
  return new Proxy(keeper, {
    get: (target, name): unknown => {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      return (...values: unknown[]) =>
        calls.wait(async () => {
          const answer: unknown = await Reflect.apply(method, target, values);
          return answer;
        });
    },
  });
}

/** The keys behind an endpoint; `end` is what closing does there. */
export function keysBehind(endpoint: Endpoint, end: () => void): KeyPort {
  const calls = new Calls();
  const keeper = watched(wrap<Keeper>(endpoint), calls);
  return {
    keeper,
    digest: (plain) => keeper.digest(transfer(plain, [plain.buffer])),
    sealChunk: (contentId, index, last, chunkSize, plain) =>
      keeper.sealChunk(contentId, index, last, chunkSize, transfer(plain, [plain.buffer])),
    openChunk: (contentId, index, last, chunkSize, sealed) =>
      keeper.openChunk(contentId, index, last, chunkSize, transfer(sealed, [sealed.buffer])),
    close: () => {
      end();
      calls.end();
    },
  };
}

/** Start a worker for one session; one that fails (its script is not there) is closed. */
export function openKeys(): KeyPort {
  const worker = new Worker(trustedScript(workerAddress), { type: 'module', name: 'keys' });
  const keys = keysBehind(worker, () => {
    worker.terminate();
  });
  worker.addEventListener('error', keys.close);
  return keys;
}

/** The CryptoError behind something thrown, also when it came out of the worker; else null. */
export function cryptoErrorOf(thrown: unknown): CryptoError | null {
  if (thrown instanceof CryptoError) return thrown;
  if (!(thrown instanceof Error) || thrown.name !== 'CryptoError') return null;
  const kinds = ['format', 'authentication', 'limit', 'suite'] as const;
  const kind = kinds.find((one) => thrown.message.endsWith(one));
  return new CryptoError(kind ?? 'format');
}
