// @vitest-environment jsdom
import { act, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it } from 'vitest';

import { contentOf, NOW, show, startPage, stateOf, Written } from '../testing';
import { SessionPage } from './session-page';

startPage();

function showPage(session: Written) {
  show(<SessionPage session={session} onLeft={() => undefined} />);
}

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

it('can clear what cannot be read', () => {
  const problem = { code: 'content_damaged', message: '', retryable: false };
  const unreadable = [{ contentId: 'c2', position: 2, revision: 2, problem }];
  showPage(new Written(stateOf({ unreadable })));
  expect(screen.getByRole('button', { name: 'Clear all' })).toHaveProperty('disabled', false);
});

it('lists the members in a dialog where there is no room beside, and closes it', async () => {
  const members = [{ memberId: 'm1', name: 'Ben', joinedAt: NOW, self: true }];
  showPage(new Written(stateOf({ members })));
  await userEvent.click(screen.getByRole('button', { name: '1 member' }));
  const dialog = within(screen.getByRole('dialog'));
  dialog.getByText('Ben (you)');
  await userEvent.click(dialog.getByRole('button', { name: 'Close' }));
  expect(screen.queryByRole('dialog')).toBeNull();
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

it.each([
  [{ revision: 2, count: 1, reason: 'expired' }, /time of 1 content is over/],
  [{ revision: 2, count: 3, reason: 'displaced' }, /3 oldest contents made room/],
  [{ revision: 2, count: 1, reason: 'unfinished' }, /upload that nobody went on with/],
] as const)('tells quietly what went by itself', (departed, text) => {
  const session = new Written();
  show(<SessionPage session={session} onLeft={() => undefined} />);
  act(() => {
    session.become(stateOf({ departed }));
  });
  expect(screen.getByText(text).closest('[role]')?.getAttribute('role')).toBe('status');
});

it('lets nothing be done where the session has ended, but copy what is there', () => {
  const error = { code: 'session_gone', message: '', retryable: false };
  const link = { state: 'ended', error } as const;
  const file = contentOf({ contentId: 'c2', kind: 'file', name: 'a.pdf', text: null });
  showPage(new Written(stateOf({ link, contents: [contentOf(), file] })));
  const names = screen.getAllByRole('button').map((one) => one.ariaLabel ?? one.textContent);
  for (const name of ['Copy', 'Join again', 'Leave']) expect(names).toContain(name);
  for (const name of ['Save', 'Pin', 'Remove', 'Rename']) expect(names).not.toContain(name);
  expect(screen.getByRole('button', { name: 'Clear all' })).toHaveProperty('disabled', true);
  expect(screen.getByLabelText('Message').closest('[inert]')).not.toBeNull();
});

it.each([
  [false, '10 contents at most; then nothing new is taken.'],
  [true, '10 contents at most; then the oldest goes.'],
])('says how much the session holds (drops the oldest: %s)', (dropsOldest, text) => {
  const policy = { idleSeconds: 0, contentsMax: 10, dropsOldest, deduplicates: true };
  showPage(new Written(stateOf({ policy })));
  screen.getByText(text, { exact: false });
});

it.each([
  [0, 'Kept until it is removed.'],
  [86_400, 'Kept for 1 day after the last one leaves.'],
])('says how long the session stays', (idleSeconds, text) => {
  const policy = { idleSeconds, contentsMax: 0, dropsOldest: false, deduplicates: true };
  show(<SessionPage session={new Written(stateOf({ policy }))} onLeft={() => undefined} />);
  screen.getByText(text);
});
