import { expect, it } from 'vitest';

import { DecodeError } from './decode';
import { asProblem, ownProblem, problemOf } from './errors';

it('keeps what the server says about a failure', () => {
  const failure = {
    code: 'throttled',
    message: 'Wait.',
    retryable: true,
    retry_after_seconds: 12,
    missing: null,
    missing_count: null,
    limit_bytes: null,
    available_bytes: null,
  };
  const problem = problemOf(failure);
  expect(problem.message).toBe('Wait.');
  expect(problem.retryable).toBe(true);
  expect(problem.retryAfterSeconds).toBe(12);
});

it.each([
  [new DecodeError('page', 'an object'), 'bad_answer'],
  [new DOMException('', 'AbortError'), 'cancelled'],
  [new TypeError('x is undefined'), 'unexpected'],
  ['a text', 'unexpected'],
])('makes a problem of %s', (thrown, code) => {
  const problem = asProblem(thrown);
  expect(problem.code).toBe(code);
  expect(problem.cause).toBe(thrown);
});

it('passes problems on as they are', () => {
  const problem = ownProblem('offline');
  expect(asProblem(problem)).toBe(problem);
  expect(problem.retryable).toBe(true);
});
