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
import type { Kept } from './kept-chunks';
import { refusalOf } from './refusal';
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

/** What takes longer than this is waited for. */
const LATE_MS = 2_000;

export interface DownloadJob {
  readonly contentId: string;
  /** The extent as it is known now; complete when its root is there. */
  readonly extent: () => Extent;
  /**
   * Of a content that is still being sent: wait until chunk `index` can be there, and when it
   * `wasAbsent`, until more has arrived; for a while at most. At once when it is complete.
   */
  readonly arrival: (index: number, wasAbsent: boolean, signal: AbortSignal) => Promise<void>;
  /** Wait until the content is complete; rejects when it is removed or `signal` is aborted. */
  readonly completed: (signal: AbortSignal) => Promise<Extent>;
  /** Rejects with `chunk_foreign` for bytes that were not sealed for this place. */
  readonly open: (
    index: number,
    isLast: boolean,
    sealed: Uint8Array<ArrayBuffer>,
  ) => Promise<ChunkResult>;
  /** Chunks that need not be fetched again; null when none are kept. */
  readonly kept: Kept | null;
  /** The root over the digests, lower-case hex. */
  readonly rootOf: (digests: readonly Uint8Array[]) => Promise<string>;
}

function* indexesBelow(count: number): Generator<number> {
  for (let index = 0; index < count; index += 1) yield index;
}

/**
 * Yield the plain bytes of a content in order, without its padding.
 *
 * Goes on over lost connections, and waits for chunks that are still being sent. Throws the
 * refusal of a chunk that is not the one of its place (refusal.ts), `chunk_foreign` when it does
 * not open, `content_mixed` when the chunks are not those of the root, `root_changed` when the
 * content became another meanwhile, `content_damaged` when a chunk of a complete content is gone,
 * `content_not_found` when the content is, `cancelled` when `signal` is aborted.
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
  const absent = new Set<number>();
  // Chunks ahead of a failure, or of a reader who stopped, are fetched no further.
  const over = new AbortController();
  const stop = AbortSignal.any([signal, over.signal]);
  const fetching = inOrder(indexesBelow(chunkCount), WINDOW_COUNT, async (index) => {
    const kept = (await job.kept?.get(index)) ?? null;
    const sealed = kept ?? (await fetchChunk(job, index, absent, links, onWaiting, stop));
    // Opening gives the bytes away.
    const copy = job.kept === null || kept !== null ? null : sealed.slice();
    const isLast = index === chunkCount - 1;
    try {
      const leftBytes = size - index * chunkSize;
      const refusal = refusalOf(sealed, { index, isLast, chunkSize, leftBytes });
      if (refusal !== null) throw ownProblem(refusal);
      const opened = await job.open(index, isLast, sealed);
      if (copy !== null) job.kept?.put(index, copy);
      return opened;
    } catch (thrown) {
      if (kept === null && asProblem(thrown).code.startsWith('chunk_'))
        report(job, index, links, signal);
      throw thrown;
    }
  });
  try {
    for (;;) {
      const next = await toldIfLate(fetching.next(), () => absent.has(digests.length), onWaiting);
      if (next.done === true) return;
      const { bytes: plain, digest } = next.value;
      const index = digests.push(digest) - 1;
      const kept = plain.subarray(0, trueLength(size, chunkSize, index, plain.byteLength));
      if (index === chunkCount - 1) {
        const final = await toldIfLate(job.completed(signal), () => true, onWaiting);
        if (!isSameExtent(final, extent)) throw ownProblem('root_changed');
        if (final.root !== (await job.rootOf(digests))) throw ownProblem('content_mixed');
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
  // A root that is known does not change: it names the very chunks.
  const isSameRoot = other.root === null || one.root === other.root;
  return (
    isSameRoot &&
    one.size === other.size &&
    one.chunkSize === other.chunkSize &&
    one.chunkCount === other.chunkCount
  );
}

/** Tell that `act` waits for what was not sent yet, when that takes as long as one notices. */
async function toldIfLate<T>(
  act: Promise<T>,
  isAbsent: () => boolean,
  onWaiting: OnWaiting,
): Promise<T> {
  const telling = setInterval(() => {
    if (isAbsent()) onWaiting(ownProblem('not_arrived'));
  }, LATE_MS);
  try {
    return await act;
  } finally {
    clearInterval(telling);
  }
}

/** Fetch a chunk when it is there; it is among the `absent` while that is waited for. */
async function fetchChunk(
  job: DownloadJob,
  index: number,
  absent: Set<number>,
  links: Links,
  onWaiting: OnWaiting,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  return persist(links, signal, onWaiting, async (joined, stop) => {
    const address = { sessionId: joined.sessionId, contentId: job.contentId, index };
    for (let wasAbsent = false; ; wasAbsent = true) {
      const wasComplete = job.extent().root !== null;
      if (!wasComplete) {
        absent.add(index);
        await job.arrival(index, wasAbsent, stop).finally(() => absent.delete(index));
      }
      try {
        return await joined.requests.take(() => getChunk(address, accessOf(joined, stop)));
      } catch (thrown) {
        const problem = asProblem(thrown);
        if (problem.code !== 'chunk_not_found') throw problem;
        if (wasComplete) throw ownProblem('content_damaged', problem);
      }
    }
  });
}
