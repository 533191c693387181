import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { Pace } from './pace';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Ask `count` times; gives, in the order of going, which went after how many milliseconds. */
function askAtOnce(pace: Pace, count: number): [number, number][] {
  const went: [number, number][] = [];
  const began = performance.now();
  for (let index = 0; index < count; index += 1) {
    void pace.turn().then(() => went.push([index, performance.now() - began]));
  }
  return went;
}

it('lets few requests go at once', async () => {
  const went = askAtOnce(new Pace(), 40);
  await vi.advanceTimersByTimeAsync(0);
  expect(went).toHaveLength(40);
});

it('stays below what the server takes at any time, in the order of asking', async () => {
  const went = askAtOnce(new Pace(), 400);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(went.map(([index]) => index)).toEqual(Array.from({ length: 400 }, (_, index) => index));
  // The server's bucket: 60 tokens, 20 new ones a second.
  let tokens = 60;
  let before = 0;
  for (const [, at] of went) {
    tokens = Math.min(60, tokens + ((at - before) * 20) / 1000) - 1;
    before = at;
    expect(tokens).toBeGreaterThan(0);
  }
});

it('forgets while nothing is asked', async () => {
  const pace = new Pace();
  askAtOnce(pace, 60);
  await vi.advanceTimersByTimeAsync(10_000);
  const went = askAtOnce(pace, 40);
  await vi.advanceTimersByTimeAsync(0);
  expect(went).toHaveLength(40);
});
