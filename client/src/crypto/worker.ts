/** The worker in which the keys of one session live. */
import { expose, transfer } from 'comlink';

import type { Bytes } from './bytes';
import { Keeper } from './keeper';
import type { ChunkResult } from './terms';

/** A keeper whose chunks are handed over instead of copied. */
class TransferringKeeper extends Keeper {
  override async sealChunk(...call: Parameters<Keeper['sealChunk']>): Promise<ChunkResult> {
    return handOver(await super.sealChunk(...call));
  }

  override async openChunk(...call: Parameters<Keeper['openChunk']>): Promise<ChunkResult> {
    return handOver(await super.openChunk(...call));
  }
}

function handOver(result: ChunkResult): ChunkResult {
  const buffers: Bytes['buffer'][] = [result.bytes.buffer];
  return transfer(result, buffers);
}

expose(new TransferringKeeper());
