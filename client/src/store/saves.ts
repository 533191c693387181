/** What this member saves to the disk. */
import { asProblem, ownProblem, type ProblemError } from '../protocol/errors';
import { safeFileName } from '../transfer/names';
import { openSink } from '../transfer/saving';
import type { Sink } from '../transfer/sink';
import type { Fetching } from './fetching';
import type { Activity, Content, Saved } from './model';
import { problemView } from './problem';
import type { StateStore } from './state';
import { tellOf } from './telling';

export class Saves {
  readonly #fetching: Fetching;
  readonly #state: StateStore;
  readonly #running = new Map<string, AbortController>();

  constructor(fetching: Fetching, state: StateStore) {
    this.#fetching = fetching;
    this.#state = state;
  }

  /** Stop saving a content: because it is gone, or because the member stops it. */
  stop(contentId: string, isGone: boolean): void {
    this.#running.get(contentId)?.abort(isGone ? ownProblem('content_not_found') : undefined);
  }

  stopAll(): void {
    for (const control of this.#running.values()) control.abort();
  }

  /**
   * Stream a content to the disk; call it first in a click's handler. Null when it failed or was
   * stopped: its card says why.
   */
  async save(contentId: string): Promise<Saved | null> {
    const content = this.#fetching.content(contentId);
    if (this.#running.has(contentId)) throw ownProblem('already_saving');
    const control = new AbortController();
    this.#running.set(contentId, control);
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
      this.#running.delete(contentId);
    }
  }

  async #fill(content: Content, sink: Sink, signal: AbortSignal): Promise<void> {
    const { onMoved, onWaiting } = tellOf('saving', content.size, (activity) => {
      this.#mark(content.contentId, activity);
    });
    let doneBytes = 0;
    for await (const plain of this.#fetching.plain(content.contentId, signal, onWaiting)) {
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
