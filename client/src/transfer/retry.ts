/** When to try again: exponential back-off with jitter, and the server's own Retry-After. */
import { ownProblem, type ProblemError } from '../protocol/errors';

export const BACKOFF_FIRST_MS = 500;
export const BACKOFF_LAST_MS = 30_000;
/** A server that asks for more is asked again after this long all the same. */
const RETRY_AFTER_MAX_SECONDS = 1800;

/**
 * How long to wait before try `attempt` (0 is the first repetition), in milliseconds.
 *
 * Doubles from 0.5 s to 30 s; `random` in [0, 1) takes off up to half, so that clients which
 * lost the same server do not come back at the same moment.
 */
export function backoffMs(attempt: number, random: number): number {
  const full = Math.min(BACKOFF_LAST_MS, BACKOFF_FIRST_MS * 2 ** Math.min(attempt, 16));
  return full - (full / 2) * random;
}

/** How long the server asked to be left alone, milliseconds; nothing may make it less. */
export function askedMs(problem: ProblemError): number {
  return Math.min(problem.retryAfterSeconds ?? 0, RETRY_AFTER_MAX_SECONDS) * 1000;
}

/** The wait before a repetition: what the server asked for if it is longer. */
export function waitAfterMs(problem: ProblemError, attempt: number, random: number): number {
  return Math.max(askedMs(problem), backoffMs(attempt, random));
}

/** Wait; rejects with `cancelled` as soon as `signal` is aborted. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) throw ownProblem('cancelled');
  await new Promise<void>((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(ownProblem('cancelled'));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal.addEventListener('abort', stop, { once: true });
  });
}

/**
 * Wait, at least `leastMs` and at most `ms`; between them it ends as soon as `early` is aborted.
 * Rejects with `cancelled` as soon as `signal` is aborted.
 */
export async function pauseUntil(
  ms: number,
  leastMs: number,
  early: AbortSignal,
  signal: AbortSignal,
): Promise<void> {
  await pause(Math.min(leastMs, ms), signal);
  await pause(ms - Math.min(leastMs, ms), AbortSignal.any([early, signal])).catch(() => undefined);
  if (signal.aborted) throw ownProblem('cancelled');
}
