/** Reading a file through before it is sent: its keys follow from its pieces (protocol.md 8). */
import { ownProblem } from '../protocol/errors';
import { type Layout, trueLength } from './sizes';
import type { Source } from './source';
import { eachInWindow, WINDOW_COUNT } from './window';

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * The digests of pieces, all unless `indexes` says which, by index; a window of them is in memory.
 * `onRead` hears the plain bytes read.
 *
 * Rejects with `file_changed`, and with `cancelled` when `signal` is aborted.
 */
export async function digestPieces(
  source: Source,
  layout: Layout,
  digest: (plain: Bytes) => Promise<Bytes>,
  onRead: (doneBytes: number) => void,
  signal: AbortSignal,
  indexes: Iterable<number> = Array(layout.chunkCount).keys(),
): Promise<readonly Bytes[]> {
  const digests: Bytes[] = [];
  let doneBytes = 0;
  await eachInWindow(indexes, WINDOW_COUNT, async (index) => {
    if (signal.aborted) throw ownProblem('cancelled');
    digests[index] = await digest(await source.readChunk(index));
    doneBytes += trueLength(layout.size, layout.chunkSize, index, layout.chunkSize);
    onRead(doneBytes);
  });
  return digests;
}
