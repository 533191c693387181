// @vitest-environment jsdom
import { fireEvent, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, it, vi } from 'vitest';

import { contentOf, show, startPage, stateOf, Written } from '../testing';
import { Contents } from './contents';

startPage();

afterEach(() => vi.restoreAllMocks());

it('shows all others when one cannot be drawn, and lets that one be removed', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const session = new Written();
  const bad = contentOf({ contentId: 'bad', position: 2, createdAt: 9_000_000_000_000_000 });
  show(<Contents state={stateOf({ contents: [contentOf(), bad] })} />, session);
  screen.getByRole('article', { name: 'Text from Zoë Martin' });
  screen.getByRole('article', { name: 'Cannot be read' });
  await userEvent.click(screen.getAllByRole('button', { name: 'Remove' })[1] ?? document.body);
  const sure = screen.getByRole('dialog').querySelector('button:last-of-type');
  await userEvent.click(sure ?? document.body);
  expect(session.acts).toEqual([['remove', 'bad']]);
});

it('draws again only what changed', () => {
  let draws = 0;
  const still = Object.defineProperty(contentOf(), 'pinned', {
    get: () => {
      draws += 1;
      return false;
    },
  });
  const { rerender } = show(<Contents state={stateOf({ contents: [still] })} />);
  const before = draws;
  const other = contentOf({ contentId: 'c2', position: 2 });
  rerender(<Contents state={stateOf({ contents: [still, other] })} />);
  expect(screen.getAllByRole('article')).toHaveLength(2);
  expect(draws).toBe(before);
});

it('stays where one reads, but goes to what one adds', () => {
  const there = contentOf();
  const { rerender } = show(<Contents state={stateOf({ contents: [there] })} />);
  const scroller = screen.getByRole('region', { name: 'Contents' });
  Object.defineProperty(scroller, 'scrollHeight', { value: 5000 });
  scroller.scrollTop = 0;
  fireEvent.scroll(scroller);
  const other = contentOf({ contentId: 'c2', position: 2 });
  rerender(<Contents state={stateOf({ contents: [there, other] })} />);
  expect(scroller.scrollTop).toBe(0);
  const own = contentOf({ contentId: 'c3', position: 3, mine: true });
  rerender(<Contents state={stateOf({ contents: [there, other, own] })} />);
  expect(scroller.scrollTop).toBe(5000);
});

it('says in an empty session that it is new', () => {
  const { rerender } = show(<Contents state={stateOf()} />);
  expect(screen.queryByText(/just made/)).toBeNull();
  rerender(<Contents state={stateOf({ isNew: true })} />);
  screen.getByText(/^You have just made the session garden\. If you expected/);
});
