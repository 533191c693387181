import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { Arriving } from './arriving';
import { idOf, openedOf, pageOf } from './fixtures';
import { StateStore } from './state';

/** What moves on is published twice a second. */
const PUBLISHED_MS = 500;

let state: StateStore;
let arriving: Arriving;

beforeEach(() => {
  vi.useFakeTimers();
  state = new StateStore('garden', 'Ada');
  const row = openedOf(1, 1, { state: 'uploading', stored_count: 0, stored_bytes: 0 });
  state.dispatch({ kind: 'page', page: pageOf('first', { through: 1, rows: [row] }) });
  arriving = new Arriving(state);
});
afterEach(() => {
  vi.useRealTimers();
});

function hear(number: number, bytes: number) {
  const progressed = { content_id: idOf(number), stored_count: 1, stored_bytes: bytes + 32 };
  arriving.hear(progressed);
  vi.advanceTimersByTime(PUBLISHED_MS);
  return state.getState().contents[0];
}

it('tells how fast another member sends, and how long it will take', () => {
  expect(hear(1, 0)).toMatchObject({ storedBytes: 0, arriving: null });
  vi.advanceTimersByTime(560);
  expect(hear(1, 20_000)).toMatchObject({
    storedBytes: 20_000,
    arriving: { doneBytes: 20_000, totalBytes: 100_000, secondsLeft: 5 },
  });
});

it('tells no speed of what stands still, and measures it anew when it goes on', () => {
  hear(1, 0);
  vi.advanceTimersByTime(560);
  hear(1, 20_000);
  vi.advanceTimersByTime(60_000);
  const still = { doneBytes: 20_000, bytesPerSecond: 0, secondsLeft: null };
  expect(state.getState().contents[0]).toMatchObject({ storedBytes: 20_000, arriving: still });
  hear(1, 30_000);
  vi.advanceTimersByTime(560);
  expect(hear(1, 40_000)?.arriving?.bytesPerSecond).toBeGreaterThan(5_000);
});

it('hears nothing of what is whole, or not here', () => {
  hear(1, 10_000);
  hear(2, 10_000);
  state.dispatch({ kind: 'revised', revision: 2, change: { kind: 'row', row: openedOf(1, 2) } });
  expect(hear(1, 50_000)).toMatchObject({ state: 'complete', arriving: null });
});
