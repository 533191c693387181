/**
 * How transfers outlive connections: work is done on the joined connection of the moment, and
 * goes on on the next one when that is lost.
 */
import type { BulkAccess } from '../protocol/bulk';
import type { Control } from '../protocol/control';
import { asProblem, ownProblem, type ProblemError } from '../protocol/errors';
import { BACKOFF_LAST_MS, pause, waitAfterMs } from './retry';
import { onWaking } from './waking';
import type { Places } from './window';

/** The server takes the token of a connection that was lost so long. */
const TOKEN_OUTLIVES_MS = 60_000;

/** A connection that has joined the session. */
export interface Joined {
  readonly sessionId: string;
  readonly control: Control;
  readonly token: string;
  /** Where chunk requests of all transfers wait for each other. */
  readonly requests: Places;
  /** Aborted when the connection is lost. */
  readonly lost: AbortSignal;
  /** Aborted when what is under way with its token is lost: some time later, or after a sleep. */
  readonly over: AbortSignal;
}

/** The joined connections of a session, one after the other. */
export interface Links {
  /** The present one; waits while there is none, rejects when `signal` is aborted. */
  readonly joined: (signal: AbortSignal) => Promise<Joined>;
  /** Its token is refused: lose it and join again. */
  readonly drop: (joined: Joined) => void;
}

/** Tells that work waits: for a connection (null), or because of a problem that passes. */
export type OnWaiting = (problem: ProblemError | null) => void;

/** What a chunk request on this connection needs. */
export function accessOf(joined: Joined, signal: AbortSignal): BulkAccess {
  return { token: joined.token, signal };
}

/**
 * Aborted when what is under way on a connection is lost: when its token is over, some time after
 * it was `lost` itself, or when the machine slept. Then nothing says so before its own deadline.
 */
export function outliving(lost: AbortSignal): AbortSignal {
  const over = new AbortController();
  const end = () => {
    over.abort();
  };
  onWaking(end, over.signal);
  lost.addEventListener('abort', () => setTimeout(end, TOKEN_OUTLIVES_MS), { once: true });
  return over.signal;
}

function isLost({ lost }: Joined): boolean {
  return lost.aborted;
}

/**
 * Do `act` on the present connection, again on the next one when it was lost, and again after
 * a wait when its failure passes by itself. `act` gets a signal that ends with the connection.
 *
 * Rejects with `cancelled` when `signal` is aborted, and with failures that do not pass.
 */
export async function persist<T>(
  links: Links,
  signal: AbortSignal,
  onWaiting: OnWaiting,
  act: (joined: Joined, stop: AbortSignal) => Promise<T>,
): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    const joined = await links.joined(signal);
    const startedAt = Date.now();
    try {
      return await act(joined, AbortSignal.any([signal, joined.lost]));
    } catch (thrown) {
      if (signal.aborted) throw ownProblem('cancelled', thrown);
      const problem = asProblem(thrown);
      if (isLost(joined)) {
        onWaiting(null);
        continue;
      }
      const isTokenOver = problem.code === 'not_joined';
      if (!problem.retryable && !isTokenOver) throw problem;
      if (isTokenOver) links.drop(joined);
      if (Date.now() - startedAt > BACKOFF_LAST_MS) attempt = 0;
      onWaiting(isTokenOver ? null : problem);
      await pause(waitAfterMs(problem, attempt, Math.random()), signal);
      // A dying server's last answer is not what it waits for any more.
      if (isLost(joined)) onWaiting(null);
    }
  }
}
