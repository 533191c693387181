import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { idOf, openedOf, pageOf } from './fixtures';
import { StateStore } from './state';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function storeWithUpload(): StateStore {
  const store = new StateStore('garden', 'Ada');
  const row = openedOf(1, 1, { state: 'uploading', stored_count: 0, stored_bytes: 0 });
  store.dispatch({ kind: 'page', page: pageOf('first', { through: 1, rows: [row] }) });
  return store;
}

function progress(store: StateStore, storedBytes: number): void {
  store.dispatch({ kind: 'progress', contentId: idOf(1), storedCount: 1, storedBytes });
}

it('tells of progress ten times a second at most, with the last figure', () => {
  const store = storeWithUpload();
  const listener = vi.fn();
  store.subscribe(listener);
  const before = store.getState();
  for (let step = 1; step <= 50; step += 1) progress(store, 32 + step * 100);
  expect(listener).not.toHaveBeenCalled();
  expect(store.getState()).toBe(before);
  vi.advanceTimersByTime(100);
  expect(listener).toHaveBeenCalledOnce();
  expect(store.getState().contents[0]?.storedBytes).toBe(5000);
});

it('tells of everything else at once, with the progress that waited', () => {
  const store = storeWithUpload();
  const listener = vi.fn();
  store.subscribe(listener);
  progress(store, 132);
  store.dispatch({ kind: 'link', link: { state: 'online' } });
  expect(listener).toHaveBeenCalledOnce();
  expect(store.getState()).toMatchObject({ link: { state: 'online' } });
  expect(store.getState().contents[0]?.storedBytes).toBe(100);
  vi.runAllTimers();
  expect(listener).toHaveBeenCalledOnce();
});

it('tells nobody who has gone, and nothing when nothing changed', () => {
  const store = storeWithUpload();
  const listener = vi.fn();
  const leave = store.subscribe(listener);
  const change = { kind: 'removed', contentId: idOf(1) } as const;
  store.dispatch({ kind: 'revised', revision: 9, change });
  leave();
  store.dispatch({ kind: 'link', link: { state: 'online' } });
  expect(listener).not.toHaveBeenCalled();
});
