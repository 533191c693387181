/** Failures as the pages show them. */
import type { ProblemError } from '../protocol/errors';
import type { Problem } from './model';

export function problemView({ code, message, retryable }: ProblemError): Problem {
  return { code, message, retryable };
}
