import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { onWaking } from './waking';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('tells of each sleep, and of none where a hidden page rings once a minute', () => {
  const ended = new AbortController();
  const woken = vi.fn();
  onWaking(woken, ended.signal);
  for (let minute = 0; minute < 3; minute += 1) {
    vi.setSystemTime(Date.now() + 50_000);
    vi.advanceTimersByTime(10_000);
  }
  expect(woken).not.toHaveBeenCalled();

  for (const count of [1, 2]) {
    vi.setSystemTime(Date.now() + 3_600_000);
    vi.advanceTimersByTime(60_000);
    expect(woken).toHaveBeenCalledTimes(count);
  }

  ended.abort();
  vi.setSystemTime(Date.now() + 3_600_000);
  vi.advanceTimersByTime(60_000);
  expect(woken).toHaveBeenCalledTimes(2);
  expect(vi.getTimerCount()).toBe(0);
});
