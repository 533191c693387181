import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { ownProblem, ProblemError } from '../protocol/errors';
import {
  BACKOFF_FIRST_MS,
  BACKOFF_LAST_MS,
  backoffMs,
  pause,
  pauseUntil,
  waitAfterMs,
} from './retry';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('doubles up to half a minute', () => {
  const waits = [0, 1, 2, 3, 4, 5, 6, 7, 1000].map((attempt) => backoffMs(attempt, 0));
  expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
});

it('takes off up to half', () => {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    for (const random of [0, 0.1, 0.5, 0.999]) {
      const wait = backoffMs(attempt, random);
      expect(wait).toBeGreaterThan(backoffMs(attempt, 0) / 2);
      expect(wait).toBeGreaterThan(BACKOFF_FIRST_MS / 2);
      expect(wait).toBeLessThanOrEqual(BACKOFF_LAST_MS);
    }
  }
});

it('waits as long as the server asks, within half an hour', () => {
  const asking = (retryAfterSeconds: number) =>
    new ProblemError('throttled', 'Wait.', true, { retryAfterSeconds });
  expect(waitAfterMs(asking(20), 0, 0.5)).toBe(20_000);
  expect(waitAfterMs(asking(0), 3, 0)).toBe(4000);
  expect(waitAfterMs(asking(86_400), 0, 0)).toBe(1_800_000);
  expect(waitAfterMs(ownProblem('offline'), 0, 0)).toBe(500);
});

it('pauses until its time', async () => {
  const done = vi.fn();
  void pause(1000, new AbortController().signal).then(done);
  await vi.advanceTimersByTimeAsync(999);
  expect(done).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(done).toHaveBeenCalledOnce();
});

it('ends a pause at once when it is stopped, and leaves no timer', async () => {
  const control = new AbortController();
  const pausing = expect(pause(1000, control.signal)).rejects.toMatchObject({ code: 'cancelled' });
  control.abort();
  await pausing;
  expect(vi.getTimerCount()).toBe(0);
  await expect(pause(1000, control.signal)).rejects.toMatchObject({ code: 'cancelled' });
});

it.each([
  ['in the middle', 40_000, 40_000],
  ['before the least', 1_000, 30_000],
  ['never', null, 60_000],
])('ends early, not before its least, when it is called back %s', async (_when, callMs, endMs) => {
  const early = new AbortController();
  const done = vi.fn();
  void pauseUntil(60_000, 30_000, early.signal, new AbortController().signal).then(done);
  if (callMs !== null) setTimeout(() => early.abort(), callMs);
  await vi.advanceTimersByTimeAsync(endMs - 1);
  expect(done).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(done).toHaveBeenCalledOnce();
});

it('is stopped in each of its parts', async () => {
  for (const stopMs of [1_000, 40_000]) {
    const control = new AbortController();
    const never = new AbortController().signal;
    const pausing = expect(pauseUntil(60_000, 30_000, never, control.signal)).rejects.toMatchObject(
      { code: 'cancelled' },
    );
    await vi.advanceTimersByTimeAsync(stopMs);
    control.abort();
    await pausing;
    expect(vi.getTimerCount()).toBe(0);
  }
});
