// @vitest-environment jsdom
import { act, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';

import { contentOf, NOW, show, startPage, stateOf, Written } from '../testing';
import { SessionPage } from './session-page';

startPage();

function showPage(session: Written) {
  const left = vi.fn();
  show(<SessionPage session={session} onLeft={left} />);
  return { left };
}

const become = (session: Written, values: Parameters<typeof stateOf>[0]) => {
  act(() => {
    session.become(stateOf(values));
  });
};

const pass = (milliseconds: number) => {
  act(() => {
    vi.advanceTimersByTime(milliseconds);
  });
};

it('has the name in its title, never in its address', () => {
  showPage(new Written());
  expect(document.title).toBe('garden · ShareThings');
  expect(location.href).not.toContain('garden');
  screen.getByRole('banner');
  screen.getByRole('main');
});

it('invites when there is nothing, and cannot clear that', () => {
  showPage(new Written());
  screen.getByRole('heading', { name: 'Nothing here yet' });
  expect(screen.getByRole('button', { name: 'Clear all' })).toHaveProperty('disabled', true);
});

it('orders contents and what cannot be read by position, newest last', () => {
  const problem = { code: 'content_damaged', message: '', retryable: false };
  const session = new Written(
    stateOf({
      contents: [
        contentOf({ contentId: 'c3', position: 3, senderName: 'Ada' }),
        contentOf({ contentId: 'c1', position: 1, senderName: 'Zoë' }),
      ],
      unreadable: [{ contentId: 'c2', position: 2, revision: 2, problem }],
    }),
  );
  showPage(session);
  const names = screen.getAllByRole('article').map((card) => card.getAttribute('aria-label'));
  expect(names).toEqual(['Text from Zoë', 'Cannot be read', 'Text from Ada']);
});

it('shows older ones when asked', async () => {
  const session = new Written(stateOf({ hasOlder: true }));
  showPage(session);
  await userEvent.click(screen.getByRole('button', { name: 'Show older' }));
  expect(session.acts).toEqual([['loadOlder']]);
});

it('lists the members, oneself marked', () => {
  const joined = { joinedAt: NOW, self: false };
  const members = [
    { ...joined, memberId: 'm1', name: 'Ben', self: true },
    { ...joined, memberId: 'm2', name: null },
  ];
  showPage(new Written(stateOf({ members })));
  const list = within(screen.getByRole('complementary', { hidden: true }));
  list.getByText('2 members');
  list.getByText('Ben (you)');
  list.getByText('Joining…');
});

it('counts down to the next try while there is no connection', () => {
  vi.useFakeTimers({ now: NOW });
  try {
    const session = new Written();
    showPage(session);
    const problem = { code: 'offline', message: '', retryable: true };
    become(session, { link: { state: 'offline', retryAt: NOW + 2000, problem } });
    screen.getByText(/Trying again in 2 seconds/);
    pass(1000);
    screen.getByText(/Trying again in 1 second\./);
    pass(1000);
    screen.getByText(/Trying again now/);
    become(session, {});
    expect(screen.queryByText(/Trying again/)).toBeNull();
  } finally {
    vi.useRealTimers();
  }
});

it('says why it ended, and leads back to the form', async () => {
  const session = new Written();
  const { left } = showPage(session);
  const error = { code: 'passphrase_changed', message: '', retryable: false };
  become(session, { link: { state: 'ended', error } });
  expect(screen.getByRole('alert').textContent).toContain('Join with the new one');
  await userEvent.click(screen.getByRole('button', { name: 'Join again' }));
  expect(session.acts).toEqual([['leave']]);
  expect(left).toHaveBeenCalledOnce();
});

it('clears only after the name was typed', async () => {
  const session = new Written(stateOf({ contents: [contentOf()] }));
  showPage(session);
  await userEvent.click(screen.getByRole('button', { name: 'Clear all' }));
  const dialog = within(screen.getByRole('dialog'));
  const done = dialog.getByRole('button', { name: 'Remove everything' });
  await userEvent.type(dialog.getByRole('textbox'), 'garde');
  expect(done).toHaveProperty('disabled', true);
  await userEvent.type(dialog.getByRole('textbox'), 'n');
  await userEvent.click(done);
  expect(session.acts).toEqual([['clear']]);
});

it('keeps a failure until it was read', async () => {
  const session = new Written(stateOf({ contents: [contentOf()] }));
  showPage(session);
  session.refusal = Object.assign(new Error(''), { code: 'pin_limit' });
  await userEvent.click(screen.getByRole('button', { name: 'Pin' }));
  expect(screen.getByRole('alert').textContent).toContain('50 contents are pinned');
  await userEvent.click(screen.getByRole('button', { name: 'Dismiss' }));
  expect(screen.queryByRole('alert')).toBeNull();
});

it('reads out what others add, but not what was there or is one’s own', () => {
  const there = contentOf({ senderName: 'Ada' });
  const session = new Written(stateOf({ contents: [there] }));
  showPage(session);
  const log = screen.getByRole('log');
  expect(log.textContent).toBe('');
  const mine = contentOf({ contentId: 'c2', position: 2, mine: true });
  become(session, { contents: [there, mine] });
  expect(log.textContent).toBe('');
  const file = { kind: 'file', name: 'notes.pdf', contentId: 'c3', position: 3 } as const;
  become(session, { contents: [there, mine, contentOf(file)] });
  expect(log.textContent).toBe('Zoë Martin shared notes.pdf');
  const text = contentOf({ contentId: 'c4', position: 4, senderName: 'Ada' });
  become(session, { contents: [there, mine, contentOf(file), text] });
  expect(log.textContent).toBe('New text from Ada');
});
