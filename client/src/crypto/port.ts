/** The page's face of the key worker: the only way from a page to a key. */
import { type Remote, transfer, wrap } from 'comlink';

import type { Bytes } from './bytes';
import { CryptoError } from './errors';
import type { Keeper } from './keeper';
import type { ChunkResult } from './terms';
import { trustedScript } from './trusted';
import workerAddress from './worker?worker&url';

export type { ChunkResult, Creation, Entry, Terms } from './terms';
export type { JsonObject } from './manifest';

/** Keys in a worker of their own. */
export interface KeyPort {
  readonly keeper: Remote<Keeper>;
  /** Seal a piece; its buffer is given away. */
  readonly sealChunk: (
    contentId: string,
    index: number,
    last: boolean,
    chunkSize: number,
    plain: Bytes,
  ) => Promise<ChunkResult>;
  /** Open a chunk; its buffer is given away. */
  readonly openChunk: (
    contentId: string,
    index: number,
    last: boolean,
    chunkSize: number,
    sealed: Bytes,
  ) => Promise<ChunkResult>;
  /** End the worker; the keys are gone with it. */
  readonly close: () => void;
}

/** Whether this page may use WebCrypto: https, or http on this machine. */
export function hasSecureContext(): boolean {
  return globalThis.isSecureContext;
}

/** Start a worker for one session. */
export function openKeys(): KeyPort {
  const worker = new Worker(trustedScript(workerAddress), { type: 'module', name: 'keys' });
  const keeper = wrap<Keeper>(worker);
  return {
    keeper,
    sealChunk: (contentId, index, last, chunkSize, plain) =>
      keeper.sealChunk(contentId, index, last, chunkSize, transfer(plain, [plain.buffer])),
    openChunk: (contentId, index, last, chunkSize, sealed) =>
      keeper.openChunk(contentId, index, last, chunkSize, transfer(sealed, [sealed.buffer])),
    close: () => worker.terminate(),
  };
}

/** The CryptoError behind something thrown, also when it came out of the worker; else null. */
export function cryptoErrorOf(thrown: unknown): CryptoError | null {
  if (thrown instanceof CryptoError) return thrown;
  if (!(thrown instanceof Error) || thrown.name !== 'CryptoError') return null;
  const kinds = ['format', 'authentication', 'limit', 'suite'] as const;
  const kind = kinds.find((one) => thrown.message.endsWith(one));
  return new CryptoError(kind ?? 'format');
}
