/** Stopping what is saved. */
import { asProblem, ownProblem, type ProblemError } from '../protocol/errors';

/** Why a save was stopped, when it was. */
export function stoppedBy(signal: AbortSignal): ProblemError | null {
  if (!signal.aborted) return null;
  const reason: unknown = signal.reason;
  const problem = asProblem(reason);
  const isOwn = problem.code === 'content_not_found' || problem.code === 'left';
  return isOwn ? problem : ownProblem('cancelled', reason);
}

/** Wait for `act`, not longer than until `signal` is aborted. */
export async function untilAborted<T>(act: Promise<T>, signal: AbortSignal): Promise<T> {
  // Whichever loses the race must not be an unhandled failure.
  act.catch(() => undefined);
  if (signal.aborted) throw ownProblem('cancelled');
  let stop: () => void = () => undefined;
  const stopped = new Promise<never>((_resolve, reject) => {
    stop = () => {
      reject(ownProblem('cancelled'));
    };
    signal.addEventListener('abort', stop);
  });
  stopped.catch(() => undefined);
  try {
    return await Promise.race([act, stopped]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
