import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { arrivingOf, idOf, openedOf, pageOf } from './fixtures';
import type { Activity } from './model';
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

it('puts all changes of a moment together, and tells of them once', () => {
  const store = storeWithUpload();
  vi.runAllTimers();
  const listener = vi.fn();
  store.subscribe(listener);
  const before = store.getState();
  for (let step = 1; step <= 50; step += 1) {
    const progress = arrivingOf(step * 100);
    store.dispatch({ kind: 'progress', contentId: idOf(1), progress });
    store.dispatch({ kind: 'named', memberId: idOf(step), name: 'Ada' });
  }
  store.dispatch({ kind: 'link', link: { state: 'online' } });
  expect(listener).not.toHaveBeenCalled();
  expect(store.getState()).toBe(before);
  vi.advanceTimersByTime(50);
  expect(listener).toHaveBeenCalledOnce();
  expect(store.getState()).toMatchObject({ link: { state: 'online' } });
  expect(store.getState().contents[0]?.storedBytes).toBe(5000);
  vi.runAllTimers();
  expect(listener).toHaveBeenCalledOnce();
});

it('tells of what moves on twice a second, and at once when it does something else', () => {
  const store = storeWithUpload();
  const move = (kind: 'sending' | 'paused', doneBytes: number) => {
    const activity: Activity = { kind, progress: arrivingOf(doneBytes) };
    store.dispatch({ kind: 'activity', contentId: idOf(1), activity });
  };
  move('sending', 0);
  vi.runAllTimers();
  const listener = vi.fn();
  store.subscribe(listener);
  for (let step = 1; step <= 100; step += 1) {
    move('sending', step * 100);
    store.dispatch({ kind: 'progress', contentId: idOf(1), progress: arrivingOf(step * 100) });
    vi.advanceTimersByTime(20);
  }
  expect(listener.mock.calls.length).toBeLessThanOrEqual(4);
  vi.runAllTimers();
  expect(store.getState().contents[0]?.storedBytes).toBe(10_000);
  listener.mockClear();
  move('sending', 20_000);
  move('paused', 20_000);
  vi.advanceTimersByTime(50);
  expect(listener).toHaveBeenCalledOnce();
  expect(store.getState().contents[0]?.activity).toMatchObject({ kind: 'paused' });
  vi.runAllTimers();
  expect(listener).toHaveBeenCalledOnce();
});

it('holds each change at once for who decides by it', () => {
  const store = storeWithUpload();
  expect(store.model.revision).toBe(1);
});

it('tells nobody who has gone, and nothing when nothing changed', () => {
  const store = storeWithUpload();
  vi.runAllTimers();
  const listener = vi.fn();
  const leave = store.subscribe(listener);
  const change = { kind: 'removed', contentIds: [idOf(1)], reason: 'removed' } as const;
  store.dispatch({ kind: 'revised', revision: 9, change });
  expect(vi.getTimerCount()).toBe(0);
  store.dispatch({ kind: 'link', link: { state: 'online' } });
  leave();
  vi.runAllTimers();
  expect(listener).not.toHaveBeenCalled();
});
