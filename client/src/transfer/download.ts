/**
 * Fetching one content: its chunks in a window, opened and given on in order.
 *
 * Of a stream that is still being sent nobody knows the end: its last chunk says that it is, and
 * what was asked for behind it is given up. The last chunk is held back until the root has been checked, so that whoever reads to the
 * end has the whole content as its sender sealed it, and whoever does not sees it fail.
 */
import type { OpenedChunk } from '../crypto/port';
import { discard } from '../crypto/spent';
import { getChunk } from '../protocol/bulk';
import { asProblem, ownProblem } from '../protocol/errors';
import { accessOf, type Joined, type Links, type OnWaiting, persist } from './links';
import type { Kept } from './kept-chunks';
import { endsHere, refusalOf } from './refusal';
import { trueLength } from './sizes';
import { inOrder, WINDOW_COUNT } from './window';

/** What a content's manifest says about its bytes; null is not known before it is complete. */
export interface Extent {
  readonly size: number | null;
  /** 0 as long as there is no manifest. */
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
   * `wasAbsent`, until more has arrived; for a while at most: then false, nothing was said of it.
   * At once when it is complete.
   */
  readonly arrival: (index: number, wasAbsent: boolean, signal: AbortSignal) => Promise<boolean>;
  /** Wait until the content is complete; rejects when it is removed or `signal` is aborted. */
  readonly completed: (signal: AbortSignal) => Promise<Extent>;
  /** Rejects with `chunk_foreign` for bytes that were not sealed for this place; else gives them back. */
  readonly open: (
    index: number,
    isLast: boolean,
    sealed: Uint8Array<ArrayBuffer>,
  ) => Promise<OpenedChunk>;
  /** Chunks that need not be fetched again; null when none are kept. */
  readonly kept: Kept | null;
  /** The root over the digests, lower-case hex. */
  readonly rootOf: (digests: readonly Uint8Array[]) => Promise<string>;
}

/** What a download knows of the chunks that are still being sent. */
interface Ahead {
  /** Those that are waited for. */
  readonly absent: Set<number>;
  /**
   * The connection on which more cannot be there than was said. Before one is asked for in vain
   * that is not known: notices bump no revision, so that a new connection does not repeat them.
   */
  told: Joined | null;
}

/** A chunk that was opened. */
interface Opened extends OpenedChunk {
  readonly isLast: boolean;
}

/** Every index there can be, until it is known how many there are. */
function* indexesOf(job: DownloadJob): Generator<number> {
  for (let index = 0; index < (job.extent().chunkCount ?? Infinity); index += 1) yield index;
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
  const extent = known.chunkSize === 0 ? await job.completed(signal) : known;
  const { chunkSize } = extent;
  const digests: Uint8Array[] = [];
  const ahead: Ahead = { absent: new Set(), told: null };
  const isAbsent = () => ahead.absent.has(digests.length);
  // Chunks ahead of a failure, or of a reader who stopped, are fetched no further.
  const over = new AbortController();
  const stop = AbortSignal.any([signal, over.signal]);
  const fetching = inOrder(indexesOf(job), WINDOW_COUNT, async (index): Promise<Opened | null> => {
    const kept = (await job.kept?.get(index)) ?? null;
    const sealed = kept ?? (await fetchChunk(job, index, ahead, links, onWaiting, stop));
    if (sealed === null) return null;
    const { chunkCount, size } = job.extent();
    const isLast = chunkCount === null ? endsHere(sealed) : index === chunkCount - 1;
    try {
      const leftBytes = size === null ? null : size - index * chunkSize;
      const refusal = refusalOf(sealed, { index, isLast, chunkSize, leftBytes });
      if (refusal !== null) throw ownProblem(refusal);
      const opened = await job.open(index, isLast, sealed);
      // Nobody waits for what is kept.
      const keeping = kept === null ? job.kept?.put(index, opened.sealed) : undefined;
      void Promise.resolve(keeping).then(() => discard(opened.sealed));
      return { ...opened, isLast };
    } catch (thrown) {
      if (kept === null && asProblem(thrown).code.startsWith('chunk_'))
        report(job, index, links, signal);
      throw thrown;
    }
  });
  try {
    for (;;) {
      const next = await toldIfLate(fetching.next(), isAbsent, onWaiting);
      // Its last chunk is behind its end.
      if (next.done === true || next.value === null) throw ownProblem('content_mixed');
      const { bytes: plain, digest, isLast } = next.value;
      const index = digests.push(digest) - 1;
      const endsAt = index * chunkSize + plain.byteLength;
      const { size } = isLast
        ? await toldIfLate(proved(job, extent, digests, endsAt, signal), () => true, onWaiting)
        : extent;
      yield plain.subarray(0, trueLength(size ?? Infinity, chunkSize, index, plain.byteLength));
      if (isLast) return;
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

/** Whether what was known of a content has not changed: its root names the very chunks. */
function isStill(known: Extent, final: Extent): boolean {
  const names = ['size', 'chunkSize', 'chunkCount', 'root'] as const;
  return names.every((name) => known[name] === null || known[name] === final[name]);
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

/** Give what a content is when it is complete, if the chunks that came, up to `endsAt`, are it. */
async function proved(
  job: DownloadJob,
  known: Extent,
  digests: readonly Uint8Array[],
  endsAt: number,
  signal: AbortSignal,
): Promise<Extent> {
  const final = await job.completed(signal);
  if (!isStill(known, final)) throw ownProblem('root_changed');
  const isWhole = final.size !== null && final.size <= endsAt;
  // Of a stream everything ahead of the last chunk was given already, as nobody knew its size.
  const givenBytes = known.size === null ? (digests.length - 1) * known.chunkSize : 0;
  if (!isWhole || final.size < givenBytes || final.root !== (await job.rootOf(digests)))
    throw ownProblem('content_mixed');
  return final;
}

/**
 * Fetch a chunk when it is there, null when the content ends before it; it is among the `absent`
 * while that is waited for.
 */
async function fetchChunk(
  job: DownloadJob,
  index: number,
  ahead: Ahead,
  links: Links,
  onWaiting: OnWaiting,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer> | null> {
  return persist(links, signal, onWaiting, async (joined, stop) => {
    const address = { sessionId: joined.sessionId, contentId: job.contentId, index };
    for (let wasAbsent = false; ;) {
      const wasComplete = job.extent().root !== null;
      const waits = !wasComplete && ahead.told === joined;
      let wasSaid = false;
      if (waits) {
        ahead.absent.add(index);
        const arrival = job.arrival(index, wasAbsent, stop);
        wasSaid = await arrival.finally(() => ahead.absent.delete(index));
      }
      if (index >= (job.extent().chunkCount ?? Infinity)) return null;
      try {
        const sealed = await joined.requests.take(() => getChunk(address, accessOf(joined, stop)));
        if (waits && !wasSaid) ahead.told = null; // what was said is behind what is there
        return sealed;
      } catch (thrown) {
        const problem = asProblem(thrown);
        if (problem.code !== 'chunk_not_found') throw problem;
        if (wasComplete) throw ownProblem('content_damaged', problem);
        wasAbsent = waits;
        ahead.told = joined;
      }
    }
  });
}
