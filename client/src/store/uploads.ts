/** What this member sends: drafts, a few at a time, each until it is complete or stopped. */
import { asProblem, ownProblem, type ProblemError } from '../protocol/errors';
import { isInline } from '../transfer/sizes';
import { Places } from '../transfer/window';
import { type Draft, draftAgain, draftContent } from './drafting';
import { Interrupted } from './interrupted';
import { problemView } from './problem';
import { Removals } from './removals';
import { type Means, Sending } from './sending';
import type { StateStore } from './state';
import type { Resumed } from './unfinished';

/** Uploads of chunks at the same time; the server takes four unfinished ones of a member. */
const UPLOADS_COUNT = 2;
/** Small contents whose acknowledgements are awaited at the same time. */
const INLINE_COUNT = 4;
/** Other bytes stand where an equal file would be: somebody in the session put them there. */
const CONFLICTS: ReadonlySet<string> = new Set(['content_conflict', 'chunk_conflict']);
/** Failures after which nothing of what was sent is of use; after others it goes on. */
const FINAL: ReadonlySet<string> = new Set([
  ...CONFLICTS,
  'chunk_malformed',
  'content_not_found',
  'file_changed',
  'file_too_large',
  'invalid_request',
  'limit_reached',
  'quota_exceeded',
  'revision_conflict',
  'too_large',
]);
/** Of what an earlier life of the page began: the file or the server has nothing to go on with. */
const STALE: ReadonlySet<string> = new Set(['content_not_found', 'file_changed']);

export class Uploads {
  readonly #state: StateStore;
  readonly #means: Means;
  /** All that is not complete: it is being sent, waits for its turn, rests, or failed and can go on. */
  readonly #sendings = new Map<string, Sending>();
  /** What ends the runs of those that are being sent or wait for their turn. */
  readonly #running = new Map<string, AbortController>();
  /** What could not be sent and can be shared again as another content. */
  readonly #failed = new Map<string, Sending>();
  readonly interrupted: Interrupted;
  readonly #removals: Removals;
  readonly #uploads = new Places(UPLOADS_COUNT);
  readonly #inline = new Places(INLINE_COUNT);

  constructor(
    state: StateStore,
    means: Pick<Means, 'keys' | 'lines' | 'unfinished' | 'keptSeconds'>,
  ) {
    this.#state = state;
    this.#removals = new Removals(means.lines);
    this.#means = {
      ...means,
      sealing: new Places(1),
      deduplicates: () => state.model.policy?.deduplicates === true,
      mark: (contentId, activity) => {
        state.dispatch({ kind: 'activity', contentId, activity });
      },
    };
    this.interrupted = new Interrupted(state, means, {
      start: (draft, lifetimeSeconds, resumed) => {
        this.start(draft, lifetimeSeconds, resumed);
      },
      discard: (contentId) => {
        this.stop(contentId);
        this.#remove(contentId);
        this.forget(contentId);
      },
    });
  }

  /** Show a draft and send it; how it goes is told by the state alone. */
  start(
    draft: Draft,
    lifetimeSeconds = this.#state.model.lifetimeSeconds,
    found: Resumed | null = null,
  ): void {
    this.#state.dispatch({ kind: 'draft', draft: draftContent(draft) });
    const sending = new Sending(draft, lifetimeSeconds, this.#means, found);
    this.#sendings.set(draft.contentId, sending);
    this.#run(sending);
  }

  /** Let it rest until `goOn`. */
  pause(contentId: string): void {
    const run = this.#running.get(contentId);
    if (run === undefined) return;
    this.#running.delete(contentId);
    this.#sendings.get(contentId)?.rest();
    run.abort();
  }

  /** Go on with what rests, or failed for a reason that passes. */
  goOn(contentId: string): void {
    const sending = this.#sendings.get(contentId);
    if (sending === undefined || this.#running.has(contentId)) return;
    sending.wake();
    this.#means.mark(contentId, { kind: 'idle' });
    this.#run(sending);
  }

  /** Share what failed once more: as a new content, unless `isEqual` under keys of its own. */
  again(contentId: string, isEqual = true): void {
    if (this.#sendings.has(contentId)) {
      this.goOn(contentId);
      return;
    }
    const failed = this.#failed.get(contentId);
    if (failed === undefined) throw ownProblem('content_not_found');
    const { draft, lifetimeSeconds } = failed;
    this.forget(contentId);
    this.start(draftAgain(draft, isEqual && draft.isEqual), lifetimeSeconds);
  }

  /** It will not be shared again, nor shown. */
  forget(contentId: string): void {
    this.#failed.delete(contentId);
    this.#state.dispatch({ kind: 'dropped', contentId });
  }

  /** Stop sending it, and let the server and the member forget it, unless it was complete. */
  cancel(contentId: string): void {
    const stopped = this.stop(contentId);
    if (stopped === 'nothing') return;
    // The row may be on its way although it is not known here yet.
    if (stopped === 'heard') this.#removals.ask(contentId);
    this.forget(contentId);
  }

  /** Stop sending a content for good; gives whether there was one that the server may know of. */
  stop(contentId: string): 'heard' | 'unheard' | 'nothing' {
    const sending = this.#sendings.get(contentId);
    this.#means.unfinished.forget(contentId);
    if (this.interrupted.drop(contentId)) return 'heard';
    if (sending === undefined) return 'nothing';
    const run = this.#running.get(contentId);
    // What failed stays to be read, and can be shared again.
    if (run === undefined && !sending.isResting) this.#failed.set(contentId, sending);
    this.#sendings.delete(contentId);
    this.#running.delete(contentId);
    run?.abort();
    sending.cancel();
    return sending.isHeard ? 'heard' : 'unheard';
  }

  /**
   * Stop sending everything for good; gives the contents that the server holds in part. What was
   * interrupted stays so, and all of it when the session `isOver` here for another reason.
   */
  stopAll(isOver: boolean): readonly string[] {
    const sendings = [...this.#sendings.values()];
    if (isOver) this.#means.unfinished.end();
    for (const { draft } of sendings) this.stop(draft.contentId);
    this.#means.unfinished.end();
    return sendings.filter(({ hasBegun }) => hasBegun).map(({ draft }) => draft.contentId);
  }

  #run(sending: Sending): void {
    const { contentId, layout } = sending.draft;
    const run = new AbortController();
    this.#running.set(contentId, run);
    const places = isInline(layout) ? this.#inline : this.#uploads;
    void places
      .take(() => sending.run(run.signal))
      .then(
        () => {
          sending.wake();
          this.#running.delete(contentId);
          this.#sendings.delete(contentId);
          this.#means.unfinished.forget(contentId);
          this.#means.mark(contentId, { kind: 'idle' });
        },
        (thrown: unknown) => {
          if (run.signal.aborted) return;
          this.#running.delete(contentId);
          this.#fail(sending, asProblem(thrown));
        },
      );
  }

  /** Tell of the failure, and let the server forget what can never be completed. */
  #fail(sending: Sending, problem: ProblemError): void {
    const { draft } = sending;
    const { contentId } = draft;
    const failed = (again: boolean) => {
      this.#means.mark(contentId, { kind: 'failed', problem: problemView(problem), again });
    };
    if (!FINAL.has(problem.code)) {
      failed(true);
      return;
    }
    this.#sendings.delete(contentId);
    if (sending.found !== null && STALE.has(problem.code)) {
      void this.interrupted.sendAnew(sending.found);
      return;
    }
    this.#means.unfinished.forget(contentId);
    if (problem.code === 'content_not_found') {
      // Somebody removed it while this member was away: that is no failure to be read.
      this.forget(contentId);
      return;
    }
    // A file that has changed is no longer the one that was chosen.
    const again = problem.code !== 'file_changed';
    if (again) this.#failed.set(contentId, sending);
    failed(again);
    this.#remove(contentId);
    if (draft.isEqual && CONFLICTS.has(problem.code)) this.again(contentId, false);
  }

  #remove(contentId: string): void {
    const item = this.#state.model.contents.items.get(contentId);
    if (item?.kind === 'content' && item.source !== null) this.#removals.ask(contentId);
  }
}
