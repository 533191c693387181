/**
 * Sending one content: its row, its chunks in a window, its completion with the root.
 *
 * A chunk is sealed once and its sealed bytes are kept until the server has them: sealed again
 * it would be other bytes, which a server that stored the first ones must refuse.
 */
import type { ChunkResult } from '../crypto/port';
import { putChunk } from '../protocol/bulk';
import { asProblem, ownProblem } from '../protocol/errors';
import type { ContentShare, Shared } from '../protocol/generated';
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
 * Rejects with `file_changed`, `quota_exceeded` and other failures that waiting does not mend.
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
    this.#meet(shared);
    let missing = shared.missing;
    for (;;) {
      await eachInWindow(indexesOf(missing), WINDOW_COUNT, (index) =>
        this.#send(index, joined, stop),
      );
      missing = await this.#complete(joined);
      if (missing.length === 0) return;
    }
  }

  /** Compare with what the server has: chunks whose acknowledgement was lost are done. */
  #meet(shared: Shared): void {
    const missing = new Set(indexesOf(shared.missing));
    for (const index of this.#held.keys()) {
      if (!missing.has(index)) this.#held.delete(index);
    }
    const { layout } = this.#job;
    let missingBytes = 0;
    for (const index of missing) missingBytes += this.#plainBytes(index);
    this.#doneBytes = layout.size - missingBytes;
    this.#hooks.onSent(this.#doneBytes);
  }

  #plainBytes(index: number): number {
    const { size, chunkSize } = this.#job.layout;
    return trueLength(size, chunkSize, index, chunkSize);
  }

  async #send(index: number, joined: Joined, stop: AbortSignal): Promise<void> {
    const chunk = this.#held.get(index) ?? (await this.#seal(index));
    const contentId = this.#job.share.content_id;
    const address = { sessionId: joined.sessionId, contentId, index };
    const { bytes, digest } = chunk;
    await joined.requests.take(() => putChunk(address, bytes, digest, accessOf(joined, stop)));
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
    // A server that calls a chunk stored which was never sent here answers nonsense.
    for (let index = 0; index < layout.chunkCount; index += 1) {
      if (this.#digests[index] === undefined) throw ownProblem('bad_answer');
    }
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
