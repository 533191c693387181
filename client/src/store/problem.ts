/** Failures as the pages show them. */
import { asProblem, type ProblemError } from '../protocol/errors';
import type { Problem } from './model';

export function problemView({ code, message, retryable }: ProblemError): Problem {
  return { code, message, retryable };
}

/** Whatever an act of the session rejected with, as the pages show it. */
export function problemOf(thrown: unknown): Problem {
  return problemView(asProblem(thrown));
}
