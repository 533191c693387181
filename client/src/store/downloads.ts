/** What this member fetches: saving to the disk, reading long texts, previews of pictures. */
import type { KeyPort } from '../crypto/port';
import { asProblem, ownProblem, type ProblemError } from '../protocol/errors';
import { download, type DownloadJob, type Extent } from '../transfer/download';
import type { OnWaiting } from '../transfer/links';
import { safeFileName } from '../transfer/names';
import { openSink } from '../transfer/saving';
import type { Sink } from '../transfer/sink';
import { Places } from '../transfer/window';
import type { Lines } from './connection';
import { problemView } from './problem';
import { guarded } from './guard';
import type { Activity, Content, PicturePreview, Saved } from './model';
import { readText } from './opening';
import { PREVIEW_MAX_BYTES, sniffPicture } from './picture';
import type { StateStore } from './state';
import { tellOf } from './telling';

/** A text that is shown is held in memory several times over. */
const TEXT_MAX_BYTES = 16 * 1024 * 1024;

/** Pictures that are fetched at the same time: each is there sooner than if all were. */
const PREVIEWS_COUNT = 2;

export class Downloads {
  readonly #keys: KeyPort;
  readonly #connection: Lines;
  readonly #state: StateStore;
  readonly #saving = new Map<string, AbortController>();
  readonly #reading = new Map<AbortController, string>();
  readonly #previews = new Places(PREVIEWS_COUNT);

  constructor(keys: KeyPort, connection: Lines, state: StateStore) {
    this.#keys = keys;
    this.#connection = connection;
    this.#state = state;
  }

  /** Stop what is fetched of a content because it is gone, or the save that the member stops. */
  stop(contentId: string, isGone: boolean): void {
    this.#saving.get(contentId)?.abort(isGone ? ownProblem('content_not_found') : undefined);
    if (!isGone) return;
    for (const [control, id] of this.#reading) if (id === contentId) control.abort();
  }

  stopAll(): void {
    for (const control of this.#saving.values()) control.abort();
    for (const control of this.#reading.keys()) control.abort();
  }

  /**
   * Stream a content to the disk; call it first in a click's handler. Null when it failed or was
   * stopped: its card says why.
   */
  async save(contentId: string): Promise<Saved | null> {
    const content = this.#content(contentId);
    if (this.#saving.has(contentId)) throw ownProblem('already_saving');
    const control = new AbortController();
    this.#saving.set(contentId, control);
    let opened: Sink | null = null;
    try {
      const target = { name: safeFileName(content.name), size: content.size };
      const { kind, sink } = await openSink(target);
      opened = sink;
      await this.#fill(content, sink, control.signal);
      this.#mark(contentId, { kind: 'idle' });
      return kind === 'picked' ? 'disk' : 'download';
    } catch (thrown) {
      await opened?.abort();
      const problem = stoppedBy(control.signal) ?? asProblem(thrown);
      const isStopped = problem.code === 'cancelled';
      this.#mark(contentId, isStopped ? { kind: 'idle' } : failed(problem));
      // Of what is gone there is no card any more.
      if (problem.code === 'content_not_found') throw problem;
      return null;
    } finally {
      this.#saving.delete(contentId);
    }
  }

  async #fill(content: Content, sink: Sink, signal: AbortSignal): Promise<void> {
    const { onMoved, onWaiting } = tellOf('saving', content.size, (activity) => {
      this.#mark(content.contentId, activity);
    });
    let doneBytes = 0;
    for await (const plain of this.#plain(content.contentId, signal, onWaiting)) {
      // The sink may give the buffer away.
      doneBytes += plain.byteLength;
      await untilAborted(sink.write(plain), signal);
      onMoved(doneBytes);
    }
    await untilAborted(sink.close(), signal);
  }

  async readText(contentId: string): Promise<string> {
    const content = this.#content(contentId);
    if (content.text !== null) return content.text;
    if ((content.size ?? 0) > TEXT_MAX_BYTES) throw ownProblem('text_too_large');
    const parts = await this.#collect(contentId, TEXT_MAX_BYTES, () => true);
    if (parts === null) throw ownProblem('text_too_large');
    return readText(new Uint8Array(await new Blob(parts).arrayBuffer()));
  }

  /** A checked picture as a blob URL; null when the first bytes are no allowed picture's. */
  async preview(contentId: string, signal?: AbortSignal): Promise<PicturePreview | null> {
    const content = this.#content(contentId);
    if ((content.size ?? 0) > PREVIEW_MAX_BYTES) return null;
    const isPicture = (first: Uint8Array) => sniffPicture(first) !== null;
    const parts = await this.#previews.take(() =>
      this.#collect(contentId, PREVIEW_MAX_BYTES, isPicture, signal),
    );
    const type = parts?.[0] === undefined ? null : sniffPicture(parts[0]);
    if (parts === null || type === null) return null;
    const url = URL.createObjectURL(new Blob(parts, { type }));
    return {
      url,
      release: () => {
        URL.revokeObjectURL(url);
      },
    };
  }

  /** Hold a whole small content; null when `accept` refuses its first chunk, or it is larger. */
  async #collect(
    contentId: string,
    maxBytes: number,
    accept: (first: Uint8Array) => boolean,
    signal?: AbortSignal,
  ): Promise<Uint8Array<ArrayBuffer>[] | null> {
    const control = new AbortController();
    const stop = () => {
      control.abort();
    };
    if (signal?.aborted === true) stop();
    signal?.addEventListener('abort', stop);
    this.#reading.set(control, contentId);
    const parts: Uint8Array<ArrayBuffer>[] = [];
    let length = 0;
    try {
      for await (const plain of this.#plain(contentId, control.signal)) {
        if (parts.length === 0 && !accept(plain)) return null;
        length += plain.byteLength;
        if (length > maxBytes) return null;
        parts.push(plain);
      }
      return parts;
    } finally {
      signal?.removeEventListener('abort', stop);
      this.#reading.delete(control);
    }
  }

  #content(contentId: string): Content {
    const item = this.#state.model.contents.items.get(contentId);
    if (item === undefined) throw ownProblem('content_not_found');
    if (item.kind === 'unreadable') throw ownProblem('content_damaged');
    return item.content;
  }

  #mark(contentId: string, activity: Activity): void {
    this.#state.dispatch({ kind: 'activity', contentId, activity });
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
    return item.source.opened.manifest;
  }

  async #completed(contentId: string, signal: AbortSignal): Promise<Extent> {
    for (;;) {
      if (signal.aborted) throw ownProblem('cancelled');
      const extent = this.#extent(contentId);
      if (extent.root !== null) return extent;
      await new Promise<void>((resolve) => {
        const wake = () => {
          leave();
          signal.removeEventListener('abort', wake);
          resolve();
        };
        const leave = this.#state.subscribe(wake);
        signal.addEventListener('abort', wake);
      });
    }
  }

  #plain(
    contentId: string,
    signal: AbortSignal,
    onWaiting: OnWaiting = () => undefined,
  ): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    const { keeper, openChunk } = this.#keys;
    const job: DownloadJob = {
      contentId,
      extent: () => this.#extent(contentId),
      completed: (stop) => this.#completed(contentId, stop),
      open: (index, isLast, sealed) =>
        guarded('chunk_foreign', () =>
          openChunk(contentId, index, isLast, this.#extent(contentId).chunkSize, sealed),
        ),
      rootOf: (digests) => keeper.root(digests),
    };
    return download(job, this.#connection, onWaiting, signal);
  }
}

function failed(problem: ProblemError): Activity {
  return { kind: 'failed', problem: problemView(problem) };
}

/** Why a save was stopped, when it was. */
function stoppedBy(signal: AbortSignal): ProblemError | null {
  if (!signal.aborted) return null;
  const reason: unknown = signal.reason;
  const problem = asProblem(reason);
  return problem.code === 'content_not_found' ? problem : ownProblem('cancelled', reason);
}

/** Wait for `act`, not longer than until `signal` is aborted. */
async function untilAborted(act: Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) throw ownProblem('cancelled');
  let stop: () => void = () => undefined;
  const stopped = new Promise<never>((_resolve, reject) => {
    stop = () => {
      reject(ownProblem('cancelled'));
    };
    signal.addEventListener('abort', stop);
  });
  // Whichever loses the race must not be an unhandled failure.
  stopped.catch(() => undefined);
  act.catch(() => undefined);
  try {
    await Promise.race([act, stopped]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
