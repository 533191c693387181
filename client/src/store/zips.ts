/** What this member saves of folders: whole contents, as one zip file each. */
import { asProblem, ownProblem } from '../protocol/errors';
import { safeFileName } from '../transfer/names';
import { openSink } from '../transfer/saving';
import type { Sink } from '../transfer/sink';
import { type ZipEntry, zipOf } from '../transfer/zip';
import type { Fetching } from './fetching';
import type { Activity, Content, Saved } from './model';
import { problemView } from './problem';
import type { StateStore } from './state';
import { stoppedBy, untilAborted } from './stopping';
import { tellOf } from './telling';

/** Where contents are read. */
type Source = Pick<Fetching, 'content' | 'plain'>;

/** The file that could not be read, and why: what else ends a zip file is none of its doing. */
interface Fault {
  file: string | null;
  thrown: unknown;
}

export class Zips {
  readonly #fetching: Source;
  readonly #state: StateStore;
  readonly #running = new Map<string, AbortController>();

  constructor(fetching: Source, state: StateStore) {
    this.#fetching = fetching;
    this.#state = state;
  }

  /** Whether a zip file is being saved. */
  get isRunning(): boolean {
    return this.#running.size > 0;
  }

  /** Stop saving a folder, or let go how that ended. */
  stop(folderKey: string): void {
    this.#running.get(folderKey)?.abort();
    if (!this.#running.has(folderKey)) this.#mark(folderKey, { kind: 'idle' }, null);
  }

  stopAll(): void {
    for (const control of this.#running.values()) control.abort(ownProblem('left'));
  }

  /**
   * Stream contents that are whole to the disk, as one zip file; call it first in a click's handler.
   * Null when it was stopped or failed: then nothing is left, and the state says at which file.
   */
  async save(
    folderKey: string,
    name: string,
    contentIds: readonly string[],
  ): Promise<Saved | null> {
    if (this.#running.has(folderKey)) throw ownProblem('already_saving');
    const entries = contentIds.map((contentId) => entryOf(this.#fetching.content(contentId)));
    const control = new AbortController();
    this.#running.set(folderKey, control);
    const fault: Fault = { file: null, thrown: null };
    let opened: Sink | null = null;
    try {
      const zip = await zipOf(entries);
      const telling = tellOf('saving', zip.size, (activity) => {
        this.#mark(folderKey, activity, null);
      });
      const target = { name: safeFileName(name), size: zip.size };
      const opening = openSink(target, control.signal);
      const { kind, sink } = await untilAborted(opening, control.signal);
      opened = sink;
      const pieces = zip.pieces((entry) => this.#plain(entry, fault, control.signal, telling));
      let doneBytes = 0;
      for await (const piece of pieces) {
        // The sink may give the buffer away.
        doneBytes += piece.byteLength;
        await untilAborted(sink.write(piece), control.signal);
        telling.onMoved(doneBytes);
      }
      await untilAborted(sink.close(), control.signal);
      this.#mark(folderKey, { kind: 'idle', isSaved: true }, null);
      return kind === 'picked' ? 'disk' : 'download';
    } catch (thrown) {
      const problem = stoppedBy(control.signal) ?? asProblem(thrown);
      // What is still being fetched for it is not wanted any more.
      control.abort();
      await opened?.abort();
      const isStopped = problem.code === 'cancelled';
      const ended: Activity = isStopped
        ? { kind: 'idle' }
        : { kind: 'failed', problem: problemView(problem) };
      const isOfFile = !isStopped && thrown === fault.thrown;
      this.#mark(folderKey, ended, isOfFile ? fault.file : null);
      return null;
    } finally {
      this.#running.delete(folderKey);
    }
  }

  async *#plain(
    { contentId, name }: ZipEntry,
    fault: Fault,
    signal: AbortSignal,
    { onWaiting }: Pick<ReturnType<typeof tellOf>, 'onWaiting'>,
  ): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    try {
      yield* this.#fetching.plain(contentId, signal, onWaiting);
    } catch (thrown) {
      Object.assign(fault, { file: name, thrown });
      throw thrown;
    }
  }

  #mark(folderKey: string, activity: Activity, file: string | null): void {
    this.#state.dispatch({ kind: 'zip', folderKey, zipping: { activity, file } });
  }
}

/** Throws `not_arrived` for what is not whole: a zip file says nothing of what it waits for. */
function entryOf({ contentId, name, folder, size, createdAt, state }: Content): ZipEntry {
  if (state === 'damaged') throw ownProblem('content_damaged');
  if (state !== 'complete' || size === null) throw ownProblem('not_arrived');
  return { contentId, name, path: folder?.path ?? null, size, createdAt };
}
