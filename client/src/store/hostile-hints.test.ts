/** What is announced without a seal cannot be unmasked: it may hide something, and no more. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { decodeAnnounced } from '../protocol/control';
import { DecodeError } from '../protocol/decode';
import { Arriving } from './arriving';
import { idOf, openedOf, pageOf } from './fixtures';
import { StateStore } from './state';

const MOST = Number.MAX_SAFE_INTEGER;
const NUMBERS = [-MOST, -1, 0, 1, 2 ** 32, MOST];

let state: StateStore;

beforeEach(() => {
  vi.useFakeTimers();
  state = new StateStore('garden', 'Ada');
  const row = openedOf(1, 1, { state: 'uploading', stored_count: 0, stored_bytes: 0 });
  state.dispatch({ kind: 'page', page: pageOf('first', { through: 1, rows: [row] }) });
});
afterEach(() => {
  vi.useRealTimers();
});

it('shows no more of a content than there is of it, and never as whole', () => {
  const arriving = new Arriving(state);
  for (const stored_count of NUMBERS) {
    for (const stored_bytes of NUMBERS) {
      for (const content_id of [idOf(1), idOf(7)]) {
        const body = { content_id, stored_count, stored_bytes };
        const announced = decodeAnnounced('content:progressed', body);
        if (announced?.event === 'content:progressed') arriving.hear(announced.body);
        vi.advanceTimersByTime(700);
        const [content] = state.getState().contents;
        expect(content?.state).toBe('uploading');
        expect(content?.storedBytes).toBeGreaterThanOrEqual(0);
        expect(content?.storedBytes).toBeLessThanOrEqual(content?.size ?? 0);
      }
    }
  }
  expect(state.getState().contents).toHaveLength(1);
});

it('takes no nonsense for an announcement', () => {
  for (const nonsense of [null, '1', 1.5, MOST + 1, [], {}]) {
    const body = { content_id: idOf(1), stored_count: nonsense, stored_bytes: 0 };
    expect(() => decodeAnnounced('content:progressed', body)).toThrow(DecodeError);
  }
});

it('removes what is there alone, and of one chain alone', () => {
  const change = { kind: 'removed', contentIds: [idOf(7), idOf(7)], reason: 'removed' } as const;
  for (const revision of [0, 1, 3, MOST]) state.dispatch({ kind: 'revised', revision, change });
  expect(state.model.revision).toBe(1);
  state.dispatch({ kind: 'revised', revision: 2, change });
  expect([state.model.revision, state.model.contents.items.size]).toEqual([2, 1]);
});
