/**
 * Sending one content: its row, its chunks in a window, its completion with the root. Chunks that
 * the server has already are compared instead of sent.
 *
 * A chunk is sealed once and its sealed bytes are kept until the server has them: sealed again
 * it would be other bytes, which a server that stored the first ones must refuse.
 */
import type { ChunkResult } from '../crypto/port';
import { checkChunk, putChunk } from '../protocol/bulk';
import { asProblem, ownProblem } from '../protocol/errors';
import type { ContentShare } from '../protocol/generated';
import { accessOf, type Joined, type Links, type OnWaiting, persist } from './links';
import { type Layout, trueLength } from './sizes';
import type { Source } from './source';
import { eachInWindow, indexesOf, WINDOW_COUNT } from './window';

export interface UploadJob {
  /** The row as it is announced; sent again after each join, always the same. */
  readonly share: ContentShare;
  readonly layout: Layout;
  readonly source: Source;
  readonly seal: (
    index: number,
    isLast: boolean,
    plain: Uint8Array<ArrayBuffer>,
  ) => Promise<ChunkResult>;
  /** Seal the manifest of revision 2, which holds the root over the digests: base64url. */
  readonly completeManifest: (digests: readonly Uint8Array[]) => Promise<string>;
}

export interface UploadHooks {
  /** Plain bytes that the server holds by now. */
  readonly onSent: (doneBytes: number) => void;
  readonly onWaiting: OnWaiting;
}

/**
 * Send a content until it is complete; over lost connections and full disks, until `signal`.
 *
 * Rejects with `chunk_conflict` when other bytes are stored in the place of its own, and with
 * `file_changed`, `quota_exceeded` and other failures that waiting does not mend.
 */
export async function upload(
  job: UploadJob,
  links: Links,
  hooks: UploadHooks,
  signal: AbortSignal,
): Promise<void> {
  const sending = new Sending(job, hooks);
  await persist(links, signal, hooks.onWaiting, (joined, stop) => sending.attempt(joined, stop));
}

/** Share a content whose only chunk travels in its row; the same bytes until it is acknowledged. */
export async function shareInline(
  share: ContentShare,
  links: Links,
  onWaiting: OnWaiting,
  signal: AbortSignal,
): Promise<void> {
  await persist(links, signal, onWaiting, (joined) =>
    joined.control.request('content:share', share),
  );
}

/** What one upload remembers from connection to connection. */
class Sending {
  readonly #job: UploadJob;
  readonly #hooks: UploadHooks;
  /** Sealed chunks that the server may or may not have: at most a window of them. */
  readonly #held = new Map<number, ChunkResult>();
  /** Of every chunk that was sealed: what is not held any more is known to be stored. */
  readonly #digests: Uint8Array[] = [];
  #doneBytes = 0;
  #manifest: string | null = null;

  constructor(job: UploadJob, hooks: UploadHooks) {
    this.#job = job;
    this.#hooks = hooks;
  }

  /** Share, send what is missing, complete: all on one connection. */
  async attempt(joined: Joined, stop: AbortSignal): Promise<void> {
    const shared = await joined.control.request('content:share', this.#job.share);
    if (shared.state === 'complete') return;
    let ranges = shared.missing;
    for (;;) {
      const missing = new Set(indexesOf(ranges));
      await eachInWindow(this.#unsettled(missing), WINDOW_COUNT, (index) =>
        this.#settle(index, missing.has(index), joined, stop),
      );
      ranges = await this.#complete(joined);
      if (ranges.length === 0) return;
    }
  }

  /** The chunks to send, and those that the server has by its own word alone. */
  #unsettled(missing: ReadonlySet<number>): readonly number[] {
    const unsettled: number[] = [];
    this.#doneBytes = 0;
    for (let index = 0; index < this.#job.layout.chunkCount; index += 1) {
      const isSealed = this.#digests[index] !== undefined && !this.#held.has(index);
      if (isSealed && !missing.has(index)) this.#doneBytes += this.#plainBytes(index);
      else unsettled.push(index);
    }
    this.#hooks.onSent(this.#doneBytes);
    return unsettled;
  }

  #plainBytes(index: number): number {
    const { size, chunkSize } = this.#job.layout;
    return trueLength(size, chunkSize, index, chunkSize);
  }

  /**
   * Send a chunk, unless the server has these very bytes: of an equal file, or of this upload when
   * its acknowledgement was lost. What it says to have is compared, not believed.
   */
  async #settle(
    index: number,
    isMissing: boolean,
    joined: Joined,
    stop: AbortSignal,
  ): Promise<void> {
    const { bytes, digest } = this.#held.get(index) ?? (await this.#seal(index));
    const contentId = this.#job.share.content_id;
    const address = { sessionId: joined.sessionId, contentId, index };
    const access = accessOf(joined, stop);
    await joined.requests.take(async () => {
      if (!isMissing && (await checkChunk(address, digest, access))) return;
      await putChunk(address, bytes, digest, access);
    });
    this.#held.delete(index);
    this.#doneBytes += this.#plainBytes(index);
    this.#hooks.onSent(this.#doneBytes);
  }

  async #seal(index: number): Promise<ChunkResult> {
    const plain = await this.#job.source.readChunk(index);
    const isLast = index === this.#job.layout.chunkCount - 1;
    const chunk = await this.#job.seal(index, isLast, plain);
    this.#held.set(index, chunk);
    this.#digests[index] = chunk.digest;
    this.#manifest = null;
    return chunk;
  }

  /** Complete; gives the ranges that the server lacks after all, none when it is complete. */
  async #complete(joined: Joined): Promise<readonly (readonly [number, number])[]> {
    const { share, layout } = this.#job;
    // The same bytes again when the answer was lost: the server takes only those for done.
    this.#manifest ??= await this.#job.completeManifest(this.#digests);
    try {
      await joined.control.request('content:complete', {
        content_id: share.content_id,
        manifest: this.#manifest,
        chunk_count: layout.chunkCount,
        total_size: layout.totalSize,
      });
      return [];
    } catch (thrown) {
      const problem = asProblem(thrown);
      if (problem.code !== 'chunks_missing') throw problem;
      if (problem.missing.length === 0) throw ownProblem('bad_answer', problem);
      return problem.missing;
    }
  }
}
