/** Failures as the pages show them. */
import type { ProblemError } from '../protocol/errors';
import type { Problem } from './model';

export function problemView(problem: ProblemError): Problem {
  const { code, message, retryable, limitBytes, availableBytes, retryAfterSeconds } = problem;
  return { code, message, retryable, limitBytes, availableBytes, retryAfterSeconds };
}
