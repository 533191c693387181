import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { ownProblem } from '../protocol/errors';
import { StateStore } from './state';
import { until } from './waiting';

const NEVER = new AbortController().signal;
let state: StateStore;

beforeEach(() => {
  vi.useFakeTimers();
  state = new StateStore('garden', 'Ada');
});
afterEach(() => {
  vi.useRealTimers();
});

const isOnline = () => state.getState().link.state === 'online';

it('ends when the state says so, and listens no longer', async () => {
  const done = vi.fn();
  const waited = until(state, isOnline, NEVER).then(done);
  state.dispatch({ kind: 'named', memberId: 'm1', name: 'Ada' });
  await vi.advanceTimersByTimeAsync(60);
  expect(done).not.toHaveBeenCalled();
  state.dispatch({ kind: 'link', link: { state: 'online' } });
  await vi.advanceTimersByTimeAsync(60);
  await waited;
  expect(vi.getTimerCount()).toBe(0);
  await until(state, isOnline, NEVER); // at once
});

it('ends after its time, and when it is stopped', async () => {
  const waited = until(state, isOnline, NEVER, 5000);
  await vi.advanceTimersByTimeAsync(5000);
  await waited;
  const stop = new AbortController();
  const stopped = expect(until(state, isOnline, stop.signal, 5000)).rejects.toMatchObject({
    code: 'cancelled',
  });
  stop.abort();
  await stopped;
  expect(vi.getTimerCount()).toBe(0);
});

it('ends with what the state makes impossible', async () => {
  const gone = () => {
    throw ownProblem('content_not_found');
  };
  await expect(until(state, gone, NEVER)).rejects.toMatchObject({ code: 'content_not_found' });
});
