/** The worker in which the keys of one session live. */
import { expose, transfer } from 'comlink';

import type { Bytes } from './bytes';
import { Keeper } from './keeper';
import { discard } from './spent';
import type { ChunkResult, OpenedChunk } from './terms';

/** A keeper whose chunks are handed over instead of copied. */
class TransferringKeeper extends Keeper {
  override async digest(plain: Bytes): Promise<Bytes> {
    const digest = await super.digest(plain);
    discard(plain);
    return digest;
  }

  override async sealChunk(...call: Parameters<Keeper['sealChunk']>): Promise<ChunkResult> {
    const sealed = await super.sealChunk(...call);
    discard(call[4]);
    return handOver(sealed, [sealed.bytes]);
  }

  override async openChunk(...call: Parameters<Keeper['openChunk']>): Promise<OpenedChunk> {
    const opened = await super.openChunk(...call);
    return handOver(opened, [opened.bytes, opened.sealed]);
  }
}

function handOver<T extends ChunkResult>(result: T, parts: readonly Bytes[]): T {
  return transfer(
    result,
    parts.map(({ buffer }) => buffer),
  );
}

expose(new TransferringKeeper());
