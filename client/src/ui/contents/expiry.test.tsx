// @vitest-environment jsdom
import { act, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { contentOf, NOW, show, startPage } from '../testing';
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

it('says nothing of what stays: pinned, or without a time', () => {
  showCard({ expiresAt: NOW + 1000, pinned: true });
  showCard({ expiresAt: null });
  expect(screen.queryByText(/^goes/)).toBeNull();
});
