/** Failures as the pages show them. */
import { ownProblem, type ProblemError } from '../protocol/errors';
import type { SessionEnded } from '../protocol/generated';
import type { Problem } from './model';

export function problemView(problem: ProblemError): Problem {
  const { code, message, retryable, limitBytes, availableBytes, retryAfterSeconds } = problem;
  return { code, message, retryable, limitBytes, availableBytes, retryAfterSeconds };
}

/** Why a session is over, as the server told it. */
export function endOf(reason: SessionEnded['reason']): ProblemError {
  return ownProblem(reason === 'expired' ? 'session_expired' : 'session_removed');
}
