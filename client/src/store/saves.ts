/** What this member saves to the disk. */
import { asProblem, ownProblem, type ProblemError } from '../protocol/errors';
import type { KeptChunks } from '../transfer/kept-chunks';
import { safeFileName } from '../transfer/names';
import { openSink } from '../transfer/saving';
import type { Sink } from '../transfer/sink';
import type { Fetching } from './fetching';
import type { Activity, Content, Saved } from './model';
import { problemView } from './problem';
import type { StateStore } from './state';
import { stoppedBy, untilAborted } from './stopping';
import { type Locks, Possessions, tabLocks } from './tab-locks';
import { type Telling, tellOf } from './telling';

/** After these nothing is gone on with: it is not wanted any more, or what came is not to be trusted. */
const DISCARDING: ReadonlySet<string> = new Set([
  'cancelled',
  'content_not_found',
  'content_damaged',
  'content_mixed',
  'root_changed',
  'chunk_cut',
  'chunk_extended',
  'chunk_foreign',
  'chunk_misplaced',
]);

/** Where contents are read. */
type Source = Pick<Fetching, 'content' | 'plain' | 'chunkSize'>;

export class Saves {
  readonly #fetching: Source;
  readonly #state: StateStore;
  readonly #opening: Promise<KeptChunks | null>;
  readonly #running = new Map<string, AbortController>();

  /** What this tab saves, and what is kept of that: one tab has it. */
  readonly #own: Possessions;

  constructor(
    fetching: Source,
    state: StateStore,
    opening: Promise<KeptChunks | null>,
    locks: Locks = tabLocks(),
  ) {
    this.#own = new Possessions('save', locks);
    this.#opening = opening;
    this.#fetching = fetching;
    this.#state = state;
  }

  /** Whether something is being saved: it may wait for others, or for the browser, and say nothing. */
  get isRunning(): boolean {
    return this.#running.size > 0;
  }

  /** Show what was left unfinished, in another life of this page; call it when contents are known. */
  async recall(): Promise<void> {
    const keeping = await this.#opening;
    for (const { contentId } of (await keeping?.list()) ?? []) await this.#find(contentId);
  }

  /** Show what is kept of a content: now, or when the tab that has it is gone. */
  async #find(contentId: string): Promise<void> {
    if (await this.#own.take(contentId)) {
      await this.#show(contentId);
      return;
    }
    this.#mark(contentId, { kind: 'elsewhere' });
    void this.#own.await(contentId).then((isOwn) => (isOwn ? this.#show(contentId) : undefined));
  }

  async #show(contentId: string): Promise<void> {
    const keptBytes = await this.#keptBytes(contentId);
    if (this.#running.has(contentId)) return;
    const { items, hasOlder, activities } = this.#state.model.contents;
    if (keptBytes > 0 && (items.has(contentId) || hasOlder)) {
      this.#mark(contentId, { kind: 'kept', keptBytes, problem: null });
      return;
    }
    if (activities.get(contentId)?.kind === 'elsewhere') this.#mark(contentId, { kind: 'idle' });
    await this.#forget(contentId);
  }

  /** Keep nothing of a content any more, and let other tabs save it. */
  async #forget(contentId: string): Promise<void> {
    await (await this.#opening)?.forget(contentId);
    if (!this.#running.has(contentId)) this.#own.release(contentId);
  }

  async #keptBytes(contentId: string): Promise<number> {
    const listed = (await (await this.#opening)?.list()) ?? [];
    return listed.find((part) => part.contentId === contentId)?.keptBytes ?? 0;
  }

  /** Stop saving a content: because it is gone, or because the member stops it. Nothing is kept. */
  stop(contentId: string, isGone: boolean): void {
    const control = this.#running.get(contentId);
    control?.abort(isGone ? ownProblem('content_not_found') : undefined);
    if (control !== undefined) return;
    const { activities } = this.#state.model.contents;
    if (activities.get(contentId)?.kind === 'kept') this.#mark(contentId, { kind: 'idle' });
    // What another tab is saving is its own, unless there is nothing to save any more.
    if (isGone || this.#own.has(contentId)) void this.#forget(contentId);
  }

  /** Leave off; it goes on when the member is back. */
  stopAll(): void {
    for (const control of this.#running.values()) control.abort(ownProblem('left'));
    this.#own.end();
  }

  /**
   * Stream a content to the disk; call it first in a click's handler. Null when it failed, was
   * stopped, or another tab has it: its card says why.
   */
  async save(contentId: string): Promise<Saved | null> {
    const content = this.#fetching.content(contentId);
    if (this.#running.has(contentId)) throw ownProblem('already_saving');
    const control = new AbortController();
    this.#running.set(contentId, control);
    if (!(await this.#own.take(contentId))) {
      this.#running.delete(contentId);
      const { activities } = this.#state.model.contents;
      if (activities.get(contentId)?.kind !== 'elsewhere') await this.#find(contentId);
      return null;
    }
    // Seen from the click on: until a first service worker runs, seconds can pass.
    const telling = tellOf('saving', content.size, (activity) => {
      this.#mark(contentId, activity);
    });
    let opened: Sink | null = null;
    try {
      const target = { name: safeFileName(content.name), size: content.size };
      const opening = openSink(target, control.signal);
      const { kind, sink } = await untilAborted(opening, control.signal);
      opened = sink;
      await this.#fill(content, sink, telling, control.signal);
      await this.#forget(contentId);
      this.#mark(contentId, { kind: 'idle', isSaved: true });
      return kind === 'picked' ? 'disk' : 'download';
    } catch (thrown) {
      await opened?.abort();
      const problem = stoppedBy(control.signal) ?? asProblem(thrown);
      // Who closed the browser's dialog has said nothing about what is kept.
      const isClosed = problem.code === 'cancelled' && !control.signal.aborted;
      this.#mark(contentId, await this.#leftBy(contentId, problem, isClosed));
      // Of what is gone there is no card any more.
      if (problem.code === 'content_not_found') throw problem;
      return null;
    } finally {
      this.#running.delete(contentId);
      const { activities } = this.#state.model.contents;
      if (activities.get(contentId)?.kind !== 'kept') this.#own.release(contentId);
    }
  }

  /** What becomes of a save that ended with `problem`: it is kept to go on with, or removed. */
  async #leftBy(contentId: string, problem: ProblemError, isClosed: boolean): Promise<Activity> {
    if (!isClosed && DISCARDING.has(problem.code)) await this.#forget(contentId);
    const keptBytes = await this.#keptBytes(contentId);
    const said = isClosed ? null : problemView(problem);
    if (keptBytes > 0) return { kind: 'kept', keptBytes, problem: said };
    if (problem.code === 'cancelled') return { kind: 'idle' };
    return { kind: 'failed', problem: problemView(problem) };
  }

  async #fill(
    content: Content,
    sink: Sink,
    { onMoved, onWaiting }: Telling,
    signal: AbortSignal,
  ): Promise<void> {
    const { contentId, size } = content;
    const keeping = await this.#opening;
    const chunkSize = this.#fetching.chunkSize(contentId);
    const kept = (await keeping?.begin(contentId, size, chunkSize)) ?? null;
    let doneBytes = 0;
    for await (const plain of this.#fetching.plain(contentId, signal, onWaiting, kept)) {
      // The sink may give the buffer away.
      doneBytes += plain.byteLength;
      await untilAborted(sink.write(plain), signal);
      onMoved(doneBytes);
    }
    await untilAborted(sink.close(), signal);
  }

  #mark(contentId: string, activity: Activity): void {
    this.#state.dispatch({ kind: 'activity', contentId, activity });
  }
}
