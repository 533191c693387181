import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { ownProblem, ProblemError } from '../protocol/errors';
import type { Activity } from './model';
import { tellOf } from './telling';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const MIB = 1024 * 1024;

function telling() {
  const told: Activity[] = [];
  const { onMoved, onWaiting } = tellOf('saving', 100 * MIB, (one) => told.push(one));
  return { onMoved, onWaiting, told };
}

it('tells speed while it moves, and none of before once it waited', () => {
  const { onMoved, onWaiting, told } = telling();
  expect(told.at(-1)).toMatchObject({ kind: 'saving', progress: { doneBytes: 0 } });
  onMoved(0);
  vi.advanceTimersByTime(1000);
  onMoved(10 * MIB);
  const fast = { kind: 'saving', progress: { doneBytes: 10 * MIB, bytesPerSecond: 10 * MIB } };
  expect(told.at(-1)).toMatchObject(fast);
  onWaiting(null);
  expect(told.at(-1)).toMatchObject({ kind: 'waiting', problem: null });
  vi.advanceTimersByTime(60_000);
  onMoved(11 * MIB);
  expect(told.at(-1)).toMatchObject({ kind: 'saving', progress: { doneBytes: 11 * MIB } });
  vi.advanceTimersByTime(1000);
  onMoved(21 * MIB);
  expect(told.at(-1)).toMatchObject({ progress: { bytesPerSecond: 10 * MIB } });
});

it('says for what it waits', () => {
  const { onWaiting, told } = telling();
  onWaiting(ownProblem('offline'));
  expect(told.at(-1)).toMatchObject({ kind: 'waiting', problem: { code: 'offline' } });
});

it('tells until when a server asks to wait, if that is long', () => {
  const { onWaiting, told } = telling();
  const asked = (retryAfterSeconds: number) =>
    onWaiting(new ProblemError('throttled', '', true, { retryAfterSeconds }));
  asked(300);
  expect(told.at(-1)).toMatchObject({ kind: 'waiting', until: Date.now() + 300_000 });
  asked(1);
  expect(told.at(-1)).not.toHaveProperty('until');
});
