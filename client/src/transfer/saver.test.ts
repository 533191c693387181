import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { activated, activeSaver } from './saver';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
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

it('looks for a newer worker until it was answered once', async () => {
  const active = new Installing();
  const update = vi.fn<() => Promise<void>>(() => Promise.reject(new Error('offline')));
  const registration = { installing: null, waiting: null, active, update };
  const register = () => Promise.resolve(registration);
  vi.stubGlobal('navigator', { serviceWorker: { register } });
  vi.stubGlobal('document', { baseURI: 'https://share.example/' });
  vi.stubGlobal('location', new URL('https://share.example/'));
  for (const asked of [1, 2, 2]) {
    expect(await activeSaver()).toBe(active);
    expect(update).toHaveBeenCalledTimes(asked);
    update.mockResolvedValue();
  }
});
