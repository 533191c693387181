/**
 * Fetching one content: its chunks in a window, opened and given on in order.
 *
 * The last chunk is held back until the root has been checked, so that whoever reads to the
 * end has the whole content as its sender sealed it, and whoever does not sees it fail.
 */
import type { ChunkResult } from '../crypto/port';
import { getChunk } from '../protocol/bulk';
import { asProblem, ownProblem } from '../protocol/errors';
import { accessOf, type Links, type OnWaiting, persist } from './links';
import { trueLength } from './sizes';
import { inOrder, WINDOW_COUNT } from './window';

/** What a content's manifest says about its bytes; null is not known before it is complete. */
export interface Extent {
  readonly size: number | null;
  readonly chunkSize: number;
  readonly chunkCount: number | null;
  /** Lower-case hex. */
  readonly root: string | null;
}

export interface DownloadJob {
  readonly contentId: string;
  /** The extent as it is known now; complete when its root is there. */
  readonly extent: () => Extent;
  /** Wait until the content is complete; rejects when it is removed or `signal` is aborted. */
  readonly completed: (signal: AbortSignal) => Promise<Extent>;
  readonly open: (
    index: number,
    isLast: boolean,
    sealed: Uint8Array<ArrayBuffer>,
  ) => Promise<ChunkResult>;
  /** The root over the digests, lower-case hex. */
  readonly rootOf: (digests: readonly Uint8Array[]) => Promise<string>;
}

function* indexesBelow(count: number): Generator<number> {
  for (let index = 0; index < count; index += 1) yield index;
}

/**
 * Yield the plain bytes of a content in order, without its padding.
 *
 * Goes on over lost connections, and waits for chunks that are still being sent. Throws
 * `content_damaged` when a chunk does not open or the root is another, `content_not_found`
 * when it is removed meanwhile, `cancelled` when `signal` is aborted.
 */
export async function* download(
  job: DownloadJob,
  links: Links,
  onWaiting: OnWaiting,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const known = job.extent();
  const extent = known.chunkCount === null ? await job.completed(signal) : known;
  const { chunkSize, chunkCount, size } = extent;
  if (chunkCount === null || size === null) throw ownProblem('content_damaged');
  const digests: Uint8Array[] = [];
  let doneBytes = 0;
  // Chunks ahead of a failure, or of a reader who stopped, are fetched no further.
  const over = new AbortController();
  const stop = AbortSignal.any([signal, over.signal]);
  const fetching = inOrder(indexesBelow(chunkCount), WINDOW_COUNT, async (index) => {
    const sealed = await fetchChunk(job, index, links, onWaiting, stop);
    try {
      return await job.open(index, index === chunkCount - 1, sealed);
    } catch (thrown) {
      if (asProblem(thrown).code === 'content_damaged') report(job, index, links, signal);
      throw thrown;
    }
  });
  try {
    for await (const { bytes: plain, digest } of fetching) {
      const index = digests.push(digest) - 1;
      const kept = plain.subarray(0, trueLength(size, chunkSize, index, plain.byteLength));
      doneBytes += kept.byteLength;
      if (index === chunkCount - 1) {
        const final = await job.completed(signal);
        const isWhole = doneBytes === size && isSameExtent(final, extent);
        if (!isWhole || final.root !== (await job.rootOf(digests))) {
          throw ownProblem('content_damaged');
        }
      }
      yield kept;
    }
  } finally {
    over.abort();
  }
}

/** Tell the server, which looks itself whether it has the right bytes; nobody waits for it. */
function report(job: DownloadJob, index: number, links: Links, signal: AbortSignal): void {
  const body = { content_id: job.contentId, chunk_index: index };
  void links
    .joined(signal)
    .then(({ control }) => control.request('content:report', body))
    .catch(() => undefined); // the reader is told what it means
}

function isSameExtent(one: Extent, other: Extent): boolean {
  return (
    one.size === other.size &&
    one.chunkSize === other.chunkSize &&
    one.chunkCount === other.chunkCount
  );
}

async function fetchChunk(
  job: DownloadJob,
  index: number,
  links: Links,
  onWaiting: OnWaiting,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  return persist(links, signal, onWaiting, async (joined, stop) => {
    const wasComplete = job.extent().root !== null;
    const address = { sessionId: joined.sessionId, contentId: job.contentId, index };
    try {
      return await joined.requests.take(() => getChunk(address, accessOf(joined, stop)));
    } catch (thrown) {
      const problem = asProblem(thrown);
      if (problem.code === 'chunk_not_found' && wasComplete) {
        throw ownProblem('content_damaged', problem);
      }
      throw problem;
    }
  });
}
