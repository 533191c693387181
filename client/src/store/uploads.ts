/** What this member sends: drafts, a few at a time, each until it is complete or stopped. */
import { ownProblem, type ProblemError } from '../protocol/errors';
import { isInline } from '../transfer/sizes';
import { isComplete } from './contents';
import { type Draft, draftAgain, draftContent } from './drafting';
import { CONFLICTS, FINAL } from './failures';
import { Interrupted, type Stopped } from './interrupted';
import type { RemovalReason } from './listing';
import type { Content } from './model';
import { problemView } from './problem';
import { recalledOf, unsent } from './recalled';
import { Removals } from './removals';
import { Runs } from './runs';
import { type GivenMeans, type Means, meansOf, Sending } from './sending';
import type { StateStore } from './state';
import type { Resumed } from './unfinished';

export class Uploads {
  readonly #state: StateStore;
  readonly #means: Means;
  /** All that is not complete: it is being sent, waits for its turn, rests, or failed and can go on. */
  readonly #sendings = new Map<string, Sending>();
  readonly #runs = new Runs();
  /** What could not be sent and can be shared again as another content. */
  readonly #failed = new Map<string, Sending>();
  readonly interrupted: Interrupted;
  readonly #removals: Removals;

  constructor(state: StateStore, means: GivenMeans) {
    this.#state = state;
    this.#removals = new Removals(means.lines);
    this.#means = meansOf(state, means);
    this.interrupted = new Interrupted(state, means, {
      start: (draft, lifetimeSeconds, resumed) => {
        this.start(draft, lifetimeSeconds, resumed);
      },
      discard: (contentId) => {
        this.cancel(contentId);
      },
    });
  }

  /** Whether something is sent, waits for its turn, or rests: the server must hear of it. */
  get isKept(): boolean {
    return [...this.#sendings].some(([id, sending]) => sending.isResting || this.#runs.has(id));
  }

  /** Show a draft and send it; how it goes is told by the state alone. */
  start(
    draft: Draft,
    lifetimeSeconds = this.#state.model.lifetimeSeconds,
    found: Resumed | null = null,
  ): void {
    this.#state.dispatch({ kind: 'drafts', drafts: [draftContent(draft)] });
    this.#begin(draft, lifetimeSeconds, found);
  }

  /** Show drafts and send them, in their order; those that cannot be sent are shown alone. */
  startAll(drafts: readonly (Draft | Content)[]): void {
    const shown = drafts.map((draft) => ('source' in draft ? draftContent(draft) : draft));
    this.#state.dispatch({ kind: 'drafts', drafts: shown });
    const { lifetimeSeconds } = this.#state.model;
    for (const draft of drafts) if ('source' in draft) this.#begin(draft, lifetimeSeconds, null);
  }

  #begin(draft: Draft, lifetimeSeconds: number | null, found: Resumed | null): void {
    const sending = new Sending(draft, lifetimeSeconds, this.#means, found);
    this.#sendings.set(draft.contentId, sending);
    const waiting = recalledOf(draft, null, draft.isEqual, lifetimeSeconds);
    if (waiting !== null && found === null) void this.#means.unfinished.keep(waiting);
    this.#run(sending);
  }

  /** Let it rest until `goOn`. */
  pause(contentId: string): void {
    if (this.#runs.end(contentId)) this.#sendings.get(contentId)?.rest();
  }

  /** Go on with what rests, or failed for a reason that passes. */
  goOn(contentId: string): void {
    const sending = this.#sendings.get(contentId);
    if (sending === undefined || this.#runs.has(contentId)) return;
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
    this.#anew(failed, isEqual && failed.draft.isEqual);
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
  stop(contentId: string): Stopped {
    const sending = this.#sendings.get(contentId);
    this.#means.unfinished.forget(contentId);
    const dropped = this.interrupted.drop(contentId);
    if (sending === undefined) return dropped;
    // What failed stays to be read, and can be shared again.
    if (!this.#runs.end(contentId) && !sending.isResting) this.#failed.set(contentId, sending);
    this.#sendings.delete(contentId);
    sending.cancel();
    return dropped === 'heard' || sending.isHeard ? 'heard' : 'unheard';
  }

  /** The server has removed it, for this `reason`; null where that was not told. */
  removed(contentId: string, reason: RemovalReason | null): void {
    if (this.interrupted.isReplaced(contentId)) return;
    const sending = this.#sendings.get(contentId);
    this.stop(contentId);
    if (sending === undefined || this.#failed.has(contentId)) return;
    this.#lost(sending, reason === 'unfinished' || (reason === null && sending.isGivenUp));
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
    const { contentId } = sending.draft;
    sending.wake();
    this.#runs.begin(
      sending,
      () => {
        sending.cancel();
        this.#sendings.delete(contentId);
        this.#means.unfinished.forget(contentId);
        this.#means.mark(contentId, { kind: 'idle' });
      },
      (problem) => {
        this.#fail(sending, problem);
      },
    );
  }

  /** Tell of the failure, and let the server forget what can never be completed. */
  #fail(sending: Sending, problem: ProblemError): void {
    const { draft } = sending;
    const { contentId } = draft;
    if (!FINAL.has(problem.code)) {
      this.#mark(contentId, problem, true);
      return;
    }
    this.#sendings.delete(contentId);
    sending.cancel();
    const { found, isGivenUp } = sending;
    const isGone = problem.code === 'content_not_found';
    if (found !== null && (problem.code === 'file_changed' || (isGone && isGivenUp))) {
      void this.interrupted.sendAnew(isGone ? withoutRow(found) : found);
      return;
    }
    this.#means.unfinished.forget(contentId);
    if (isGone) {
      this.#lost(sending, isGivenUp);
      return;
    }
    // A file that has changed is no longer the one that was chosen.
    const again = problem.code !== 'file_changed';
    if (again) this.#failed.set(contentId, sending);
    this.#mark(contentId, problem, again);
    this.#remove(contentId);
    if (draft.isEqual && CONFLICTS.has(problem.code)) this.again(contentId, false);
  }

  #mark(contentId: string, problem: ProblemError, again: boolean): void {
    this.#means.mark(contentId, { kind: 'failed', problem: problemView(problem), again });
  }

  /** Send anew what the server gave up; what a member removed stays, and can be shared again. */
  #lost(sending: Sending, isGivenUp: boolean): void {
    const { contentId, layout } = sending.draft;
    // What was there as a whole before it was removed is no failure to be read.
    if (isInline(layout) || isComplete(this.#state.model.contents, contentId)) {
      this.forget(contentId);
    } else if (isGivenUp && sending.found !== null) {
      void this.interrupted.sendAnew(withoutRow(sending.found));
    } else if (isGivenUp) {
      const next = this.#anew(sending);
      if (sending.isResting) this.pause(next);
    } else {
      this.#failed.set(contentId, sending);
      this.#mark(contentId, ownProblem('upload_removed'), true);
    }
  }

  /** Send it as a new content, in the place of the one that is no more; gives the new one's id. */
  #anew(sending: Sending, isEqual = sending.draft.isEqual): string {
    const { draft, lifetimeSeconds } = sending;
    const next = draftAgain(draft, isEqual);
    this.forget(draft.contentId);
    this.start(next, lifetimeSeconds);
    return next.contentId;
  }

  #remove(contentId: string): void {
    const item = this.#state.model.contents.items.get(contentId);
    if (item?.kind === 'content' && item.source !== null) this.#removals.ask(contentId);
  }
}

/** An upload that goes on no more: the server has removed what it had of it. */
function withoutRow({ recalled, ...found }: Resumed) {
  return { ...found, recalled: unsent(recalled) };
}
