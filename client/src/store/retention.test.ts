import { describe, expect, it } from 'vitest';

import { idOf, openedOf } from './fixtures';
import { type Change, emptySession, reduce, viewOf } from './session';

const EMPTY = emptySession('garden', 'Ada');

function row(revision: number, number: number, expiresAt: number | null = null): Change {
  const source = openedOf(number, revision, { expires_at: expiresAt });
  return { kind: 'revised', revision, change: { kind: 'row', row: source } };
}

function gone(revision: number, numbers: readonly number[], reason: 'expired' | 'removed'): Change {
  const contentIds = numbers.map(idOf);
  return { kind: 'revised', revision, change: { kind: 'removed', contentIds, reason } };
}

describe('what goes by itself', () => {
  it('is told by its number and reason, what members remove is not', () => {
    const model = [row(1, 1), row(2, 2), row(3, 3), gone(4, [1], 'removed')].reduce(reduce, EMPTY);
    expect(viewOf(model).departed).toBeNull();
    const later = reduce(model, gone(5, [2, 3, 77], 'expired'));
    expect(viewOf(later).departed).toEqual({ revision: 5, count: 2, reason: 'expired' });
    const last = reduce(later, gone(6, [99], 'expired'));
    expect(viewOf(last).departed).toBe(viewOf(later).departed);
  });

  it('has its moment in the row', () => {
    expect(viewOf(reduce(EMPTY, row(1, 1, 5000))).contents[0]?.expiresAt).toBe(5000);
  });
});

it('knows how long the session stays, and what is shared from now on', () => {
  const policy = { idleSeconds: 0, contentsMax: 0, dropsOldest: false, deduplicates: true };
  const stays = reduce(EMPTY, { kind: 'policy', policy });
  const model = reduce(stays, { kind: 'lifetime', seconds: 600 });
  expect(viewOf(model)).toMatchObject({ policy, lifetimeSeconds: 600 });
});
