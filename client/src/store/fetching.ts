/** The plain bytes of a content, while it is being sent too: what saving and reading stand on. */
import type { KeyPort } from '../crypto/port';
import { ownProblem } from '../protocol/errors';
import { download, type DownloadJob, type Extent } from '../transfer/download';
import type { Kept } from '../transfer/kept-chunks';
import type { OnWaiting } from '../transfer/links';
import type { Lines } from './connection';
import { guarded } from './guard';
import type { Content } from './model';
import type { StateStore } from './state';
import { until } from './waiting';

/** A chunk is asked for again then, although nothing was said to have arrived. */
const LOOK_AGAIN_MS = 10_000;

export class Fetching {
  readonly #keys: KeyPort;
  readonly #connection: Lines;
  readonly #state: StateStore;

  constructor(keys: KeyPort, connection: Lines, state: StateStore) {
    this.#keys = keys;
    this.#connection = connection;
    this.#state = state;
  }

  /** Throws `content_not_found`, and `content_damaged` for what does not open. */
  content(contentId: string): Content {
    const item = this.#state.model.contents.items.get(contentId);
    if (item === undefined) throw ownProblem('content_not_found');
    if (item.kind === 'unreadable') throw ownProblem('content_damaged');
    return item.content;
  }

  /** The plain bytes in order, checked; see `download`. */
  plain(
    contentId: string,
    signal: AbortSignal,
    onWaiting: OnWaiting = () => undefined,
    kept: Kept | null = null,
  ): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    const { keeper, openChunk } = this.#keys;
    const job: DownloadJob = {
      contentId,
      extent: () => this.#extent(contentId),
      completed: async (stop) => {
        await until(this.#state, () => this.#isComplete(contentId), stop);
        return this.#extent(contentId);
      },
      arrival: (index, wasAbsent, stop) => this.#arrival(contentId, index, wasAbsent, stop),
      open: (index, isLast, sealed) =>
        guarded('chunk_foreign', () =>
          openChunk(contentId, index, isLast, this.#extent(contentId).chunkSize, sealed),
        ),
      kept,
      rootOf: (digests) => keeper.root(digests),
    };
    return download(job, this.#connection, onWaiting, signal);
  }

  /** How long its chunks are, plain. */
  chunkSize(contentId: string): number {
    return this.#extent(contentId).chunkSize;
  }

  #isComplete(contentId: string): boolean {
    return this.#extent(contentId).root !== null;
  }

  #extent(contentId: string): Extent {
    const item = this.#state.model.contents.items.get(contentId);
    if (item === undefined) throw ownProblem('content_not_found');
    if (item.kind === 'unreadable' || item.content.state === 'damaged') {
      throw ownProblem('content_damaged');
    }
    if (item.source === null || 'problem' in item.source.opened) {
      return { size: null, chunkSize: 0, chunkCount: null, root: null };
    }
    const { manifest } = item.source.opened;
    if (item.content.state === 'complete' && manifest.root === null) {
      throw ownProblem('manifest_rolled_back'); // what completed it has fixed its root
    }
    return manifest;
  }

  /**
   * Senders send in order, a few chunks at a time: a chunk is there when all that is before its
   * end has arrived, or, when it `wasAbsent` then, when more has. Gives whether that was said.
   */
  async #arrival(
    contentId: string,
    index: number,
    wasAbsent: boolean,
    signal: AbortSignal,
  ): Promise<boolean> {
    const stored = () => this.content(contentId).storedBytes;
    const { size, chunkSize } = this.#extent(contentId);
    const endsAt = Math.min(size ?? Infinity, (index + 1) * chunkSize);
    const wanted = wasAbsent ? stored() + 1 : endsAt;
    const isThere = () => this.#isComplete(contentId) || stored() >= wanted;
    await until(this.#state, isThere, signal, LOOK_AGAIN_MS);
    return isThere();
  }
}
