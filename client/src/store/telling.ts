/** Telling the state how one transfer goes: it moves at a speed, or waits. */
import type { ProblemError } from '../protocol/errors';
import { askedMs } from '../transfer/retry';
import type { Activity, Progress } from './model';
import { problemView } from './problem';
import { Speedometer } from './speed';

/** Who is asked to wait so long is told until when. */
const UNTIL_MS = 10_000;

export interface Telling {
  /** So many plain bytes are done by now. */
  readonly onMoved: (doneBytes: number) => void;
  /** It waits for a connection (null), or because of a problem that passes. */
  readonly onWaiting: (problem: ProblemError | null) => void;
}

/** Begin to tell of a transfer of `size` plain bytes, `doneBytes` of which are done. */
export function tellOf(
  kind: 'reading' | 'sending' | 'saving',
  size: number | null,
  mark: (activity: Activity) => void,
  doneBytes = 0,
): Telling {
  const speed = new Speedometer(size, doneBytes, performance.now());
  let isWaiting = true;
  const moving = (progress: Progress) => {
    mark({ kind, progress });
  };
  moving(speed.progress);
  return {
    onWaiting: (problem) => {
      isWaiting = true;
      const seen = problem === null ? null : problemView(problem);
      const waitMs = problem === null ? 0 : askedMs(problem);
      const until = waitMs < UNTIL_MS ? {} : { until: Date.now() + waitMs };
      mark({ kind: 'waiting', progress: speed.progress, problem: seen, ...until });
    },
    onMoved: (byNowBytes) => {
      const now = performance.now();
      moving(isWaiting ? speed.resume(byNowBytes, now) : speed.move(byNowBytes, now));
      isWaiting = false;
    },
  };
}
