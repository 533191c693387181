// @vitest-environment jsdom
import { fireEvent, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';

import type { Content } from '../../store/model';
import { contentOf, show, startPage, stateOf, Written } from '../testing';
import { SessionPage } from './session-page';

startPage();

const PROGRESS = { doneBytes: 1, totalBytes: 9, bytesPerSecond: 0, secondsLeft: null };
const SENDING: Partial<Content> = {
  mine: true,
  state: 'uploading',
  activity: { kind: 'sending', progress: PROGRESS },
};
const SAVING: Partial<Content> = { activity: { kind: 'saving', progress: PROGRESS } };

function showPage(content: Partial<Content>) {
  const session = new Written(stateOf({ contents: [contentOf(content)] }));
  const left = vi.fn();
  show(<SessionPage session={session} onLeft={left} />, session);
  return { session, left };
}

const leave = () => userEvent.click(screen.getByRole('button', { name: 'Leave' }));

it('is at once, whenever the server hears it', async () => {
  const { session, left } = showPage({});
  vi.spyOn(session, 'leave').mockReturnValue(new Promise(() => undefined));
  await leave();
  expect(left).toHaveBeenCalledOnce();
});

it('is asked while something is being sent', async () => {
  const { session, left } = showPage(SENDING);
  await leave();
  const dialog = within(screen.getByRole('dialog'));
  await userEvent.click(dialog.getByRole('button', { name: 'Stay' }));
  expect(screen.queryByRole('dialog')).toBeNull();
  expect(session.acts).toEqual([]);
  await leave();
  await userEvent.click(screen.getByRole('button', { name: 'Leave and stop it' }));
  expect(session.acts).toEqual([['leave']]);
  expect(left).toHaveBeenCalledOnce();
});

it.each([
  ['sending', SENDING, true],
  ['saving', SAVING, true],
  ['saving what is still being sent', { ...SAVING, state: 'uploading' }, true],
  ['nothing', {}, false],
] as const)('by closing the page is asked by the browser while %s', (_name, content, isAsked) => {
  showPage(content);
  expect(fireEvent(window, new Event('beforeunload', { cancelable: true }))).toBe(!isAsked);
});
