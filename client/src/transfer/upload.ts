/**
 * Sending one content: its row, its chunks in a window, its completion with the root. Chunks that
 * the server has already are compared instead of sent.
 *
 * A chunk is sealed once and its sealed bytes are kept until the server has them: sealed again
 * it would be other bytes, which a server that stored the first ones must refuse.
 */
import { equal } from '../crypto/bytes';
import type { ChunkResult } from '../crypto/port';
import { discard } from '../crypto/spent';
import { getDigests, putChunk } from '../protocol/bulk';
import { asProblem, ownProblem } from '../protocol/errors';
import type { ContentShare, Shared } from '../protocol/generated';
import { accessOf, type Joined, type Links, type OnWaiting, persist } from './links';
import { type Layout, trueLength } from './sizes';
import type { Source } from './source';
import { eachInWindow, WINDOW_COUNT } from './window';

/** To complete a content its server brings each chunk onto its disk, so slow as that may be. */
const SYNC_MS = 100;

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
  /** Of chunks that an earlier life of the page sealed, by index. */
  readonly digests: ReadonlyMap<number, Uint8Array>;
  /** Seal the manifest of revision 2, which holds the root over the digests: base64url. */
  readonly completeManifest: (digests: readonly Uint8Array[]) => Promise<string>;
}

export interface UploadHooks {
  /** Plain bytes that the server holds by now. */
  readonly onSent: (doneBytes: number) => void;
  readonly onWaiting: OnWaiting;
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

type Ranges = readonly (readonly [number, number])[];
type Digests = ReadonlyMap<number, Uint8Array>;
const NONE: Digests = new Map();

/** The connection of an attempt, and what ends its next chunk and those under way. */
interface Way {
  readonly joined: Joined;
  readonly stop: AbortSignal;
  readonly lasting: AbortSignal;
}

/** One content on its way: what it remembers from connection to connection and over pauses. */
export class Upload {
  readonly #job: UploadJob;
  readonly #hooks: UploadHooks;
  readonly #cancelled: AbortSignal;
  /** Sealed chunks that the server may or may not have: at most a window of them. */
  readonly #held = new Map<number, ChunkResult>();
  /** Of every chunk that was sealed: what is not held any more was stored. */
  readonly #digests: Uint8Array[] = [];
  #doneBytes = 0;
  #manifest: string | null = null;

  /** `cancelled` is aborted when nothing of it is wanted any more. */
  constructor(job: UploadJob, hooks: UploadHooks, cancelled: AbortSignal) {
    this.#job = job;
    this.#hooks = hooks;
    this.#cancelled = cancelled;
    for (const [index, digest] of job.digests) this.#digests[index] = digest;
  }

  /**
   * Send until it is complete; over lost connections and full disks, until `stop`, which begins
   * no further chunk: those under way arrive. Run again it goes on where it was.
   *
   * Gives false, with nothing sent, when the server has as many unfinished uploads of this member
   * as it takes: others have to be completed first.
   *
   * Rejects with `chunk_conflict` when other bytes are stored in the place of its own, and with
   * `file_changed`, `quota_exceeded` and other failures that waiting does not mend.
   */
  async run(links: Links, stop: AbortSignal): Promise<boolean> {
    const ends = AbortSignal.any([stop, this.#cancelled]);
    return persist(links, ends, this.#hooks.onWaiting, (joined, lost) =>
      this.#attempt(joined, lost),
    );
  }

  /** Share, send what is missing, complete: all on one connection. */
  async #attempt(joined: Joined, stop: AbortSignal): Promise<boolean> {
    const shared = await this.#shareOn(joined);
    if (shared === null) return false;
    // What is under way arrives although its connection was lost meanwhile, or it is paused.
    const lasting = AbortSignal.any([this.#cancelled, joined.over]);
    const stored = this.#lacksAll(shared.missing) ? NONE : await this.#stored(joined, stop);
    let lacking = this.#unsettled(stored);
    await this.#send(lacking, stored, { joined, stop, lasting });
    // Of an earlier run: what it has was compared, not believed.
    if (shared.state === 'complete' && lacking.every((index) => stored.has(index))) return true;
    for (let lostCount = Infinity; !(await this.#complete(joined)); lostCount = lacking.length) {
      const found = await this.#stored(joined, stop);
      lacking = this.#unsettled(found);
      // A server that loses as much each time would have it sent for ever.
      if (lacking.length >= lostCount) throw ownProblem('bad_answer');
      await this.#send(lacking, found, { joined, stop, lasting });
    }
    return true;
  }

  #send(indexes: readonly number[], stored: Digests, way: Way): Promise<void> {
    return eachInWindow(indexes, WINDOW_COUNT, (index) =>
      this.#settle(index, stored.get(index), way),
    );
  }

  async #shareOn(joined: Joined): Promise<Shared | null> {
    try {
      return await joined.control.request('content:share', this.#job.share);
    } catch (thrown) {
      const problem = asProblem(thrown);
      if (problem.code !== 'throttled') throw problem;
      this.#hooks.onWaiting(problem);
      return null;
    }
  }

  #lacksAll(missing: Ranges): boolean {
    return missing.some(([first, last]) => first === 0 && last === this.#job.layout.chunkCount - 1);
  }

  #stored(joined: Joined, stop: AbortSignal): Promise<Digests> {
    const address = { sessionId: joined.sessionId, contentId: this.#job.share.content_id };
    return joined.requests.take(() => getDigests(address, accessOf(joined, stop)));
  }

  /** The chunks that the server does not have, and those of which it is not known here. */
  #unsettled(stored: Digests): readonly number[] {
    const unsettled: number[] = [];
    this.#doneBytes = 0;
    for (let index = 0; index < this.#job.layout.chunkCount; index += 1) {
      const [own, found] = [this.#digests[index], stored.get(index)];
      if (own !== undefined && found !== undefined && equal(own, found)) this.#settled(index);
      else unsettled.push(index);
    }
    this.#hooks.onSent(this.#doneBytes);
    return unsettled;
  }

  #settled(index: number): void {
    const { size, chunkSize } = this.#job.layout;
    this.#held.delete(index);
    this.#doneBytes += trueLength(size, chunkSize, index, chunkSize);
  }

  /**
   * Send a chunk, unless the server has these very bytes: of an equal file, or of this upload when
   * its acknowledgement was lost. What it says to have is compared, not believed.
   */
  async #settle(index: number, found: Uint8Array | undefined, way: Way): Promise<void> {
    const { bytes, digest } = this.#held.get(index) ?? (await this.#seal(index));
    if (found === undefined) await this.#put(index, bytes, digest, way);
    else if (!equal(found, digest)) throw ownProblem('chunk_conflict');
    this.#settled(index);
    discard(bytes);
    this.#hooks.onSent(this.#doneBytes);
  }

  async #put(
    index: number,
    bytes: Uint8Array<ArrayBuffer>,
    digest: Uint8Array,
    { joined, stop, lasting }: Way,
  ): Promise<void> {
    const address = { sessionId: joined.sessionId, contentId: this.#job.share.content_id, index };
    await joined.requests.take(async () => {
      if (stop.aborted) throw ownProblem('cancelled');
      await putChunk(address, bytes, digest, accessOf(joined, lasting));
    });
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

  /** Complete; gives false when the server lacks something after all: its digests say what. */
  async #complete(joined: Joined): Promise<boolean> {
    const { share, layout } = this.#job;
    // The same bytes again when the answer was lost: the server takes only those for done.
    this.#manifest ??= await this.#job.completeManifest(this.#digests);
    try {
      const body = {
        content_id: share.content_id,
        manifest: this.#manifest,
        chunk_count: layout.chunkCount,
        total_size: layout.totalSize,
      };
      await joined.control.request('content:complete', body, layout.chunkCount * SYNC_MS);
      return true;
    } catch (thrown) {
      const problem = asProblem(thrown);
      if (problem.code !== 'chunks_missing') throw problem;
      return false;
    }
  }
}
