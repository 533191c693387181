// @vitest-environment jsdom
import { act, fireEvent, screen, within } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { contentOf, NOW, show, startPage, Written } from '../testing';
import { Card } from './card';

startPage();
beforeEach(() => vi.useFakeTimers({ now: NOW }));
afterEach(() => vi.useRealTimers());

function pass(milliseconds: number) {
  act(() => {
    vi.advanceTimersByTime(milliseconds);
  });
}

function showCard(values: Parameters<typeof contentOf>[0]) {
  return show(<Card content={contentOf(values)} now={NOW} />);
}

it.each([
  [2 * 86_400, 'goes in 2 days'],
  [3 * 3600, 'goes in 3 hours'],
  [600, 'goes in 10 minutes'],
])('says that a content goes in %d seconds', (seconds, text) => {
  showCard({ expiresAt: NOW + seconds * 1000 });
  screen.getByText(text);
  pass(5000);
  screen.getByText(text);
});

it('counts the seconds of the last minute, and reads none of them out', () => {
  const { container } = showCard({ expiresAt: NOW + 60_000 });
  pass(10_000);
  screen.getByText('goes in 50 seconds');
  pass(1000);
  screen.getByText('goes in 49 seconds');
  const live = '[aria-live], [role="status"], [role="timer"], [role="alert"]';
  expect(container.querySelector(live)).toBeNull();
  pass(60_000);
  screen.getByText('goes now');
});

it('says nothing of what stays', () => {
  showCard({ expiresAt: null });
  expect(screen.queryByText(/^goes/)).toBeNull();
});

it.each([
  [600_000, '10 minutes left'],
  [-1000, 'goes when unpinned'],
])('says what time a pinned content has without its pin (%d ms)', (ms, text) => {
  showCard({ expiresAt: NOW + ms, pinned: true });
  screen.getByText(text);
});

it('asks before it unpins what only the pin holds', () => {
  const session = new Written();
  const card = contentOf({ expiresAt: NOW - 1000, pinned: true });
  show(<Card content={card} now={NOW} />, session);
  fireEvent.click(screen.getByRole('button', { name: 'Unpin' }));
  expect(session.acts).toEqual([]);
  const dialog = within(screen.getByRole('dialog'));
  dialog.getByText(/only the pin holds it/);
  fireEvent.click(dialog.getByRole('button', { name: 'Unpin' }));
  expect(session.acts).toEqual([['pin', 'c1', false]]);
});
