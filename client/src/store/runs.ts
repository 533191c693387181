/** What is being sent or waits for its turn: a few at a time, in the order in which they began. */
import { asProblem, type ProblemError } from '../protocol/errors';
import { isInline } from '../transfer/sizes';
import { pause } from '../transfer/retry';
import { Places } from '../transfer/window';
import type { Sending } from './sending';

/** Uploads of chunks at the same time; the server takes four unfinished ones of a member. */
const UPLOADS_COUNT = 2;
/** Small contents whose acknowledgements are awaited at the same time. */
const INLINE_COUNT = 4;
/** After this the server is asked again whether it takes one more. */
const CROWDED_MS = 2_000;

export class Runs {
  readonly #ends = new Map<string, AbortController>();
  readonly #uploads = new Places(UPLOADS_COUNT);
  readonly #inline = new Places(INLINE_COUNT);

  /** Begin a run when there is a place for it; it tells how it ended, unless `end` did that. */
  begin(sending: Sending, onDone: () => void, onFailed: (problem: ProblemError) => void): void {
    const { contentId, layout } = sending.draft;
    const run = new AbortController();
    this.#ends.set(contentId, run);
    const places = isInline(layout) ? this.#inline : this.#uploads;
    void this.#send(sending, places, run.signal).then(
      () => {
        this.end(contentId); // there may be a later run, if it rested until just now
        onDone();
      },
      (thrown: unknown) => {
        if (run.signal.aborted) return;
        this.#ends.delete(contentId);
        onFailed(asProblem(thrown));
      },
    );
  }

  /** What cannot be sent before others are complete gives them its place, and waits for the next. */
  async #send(sending: Sending, places: Places, signal: AbortSignal): Promise<void> {
    while (!(await places.take(() => sending.run(signal)))) await pause(CROWDED_MS, signal);
  }

  has(contentId: string): boolean {
    return this.#ends.has(contentId);
  }

  /** End a run; gives whether there was one. */
  end(contentId: string): boolean {
    const run = this.#ends.get(contentId);
    this.#ends.delete(contentId);
    run?.abort();
    return run !== undefined;
  }
}
