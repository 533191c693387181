import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { activated } from './saver';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A worker as browsers hand it over while it is installed. */
class Installing extends EventTarget implements ServiceWorker {
  state: ServiceWorkerState = 'installing';
  readonly scriptURL = '';
  readonly onstatechange = null;
  readonly onerror = null;
  readonly postMessage = () => undefined;

  become(state: ServiceWorkerState): void {
    this.state = state;
    this.dispatchEvent(new Event('statechange'));
  }
}

it.each([
  ['activated', true],
  ['redundant', false],
] as const)('waits until a worker is %s', async (state, isFound) => {
  const worker = new Installing();
  const found = activated(worker);
  worker.become('installed');
  worker.become(state);
  expect(await found).toBe(isFound ? worker : null);
  expect(vi.getTimerCount()).toBe(0);
});

it('does without a worker that is never activated', async () => {
  const done = vi.fn();
  void activated(new Installing()).then(done);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(done).toHaveBeenCalledExactlyOnceWith(null);
});
