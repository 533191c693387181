// @vitest-environment jsdom
import { act, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';

import { NOW, show, startPage, stateOf, Written } from '../testing';
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

it('counts down to the next try while there is no connection', () => {
  vi.useFakeTimers({ now: NOW });
  try {
    const session = new Written();
    showPage(session);
    const problem = { code: 'offline', message: '', retryable: true };
    become(session, { link: { state: 'offline', retryAt: NOW + 2000, problem } });
    screen.getByText(/Trying again in 2 seconds/);
    const said = screen.getByText('Connection lost').parentElement;
    expect(said?.textContent).toBe('Connection lostWhat you send waits and goes on by itself.');
    expect(said?.role).toBe('status');
    pass(1000);
    screen.getByText(/Trying again in 1 second\./);
    pass(1000);
    screen.getByText(/Trying again now/);
    become(session, { link: { state: 'offline', retryAt: null, problem } });
    screen.getByText(/Trying again now/);
    expect(screen.getByText('Connection lost').parentElement).toBe(said);
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

it('says why the server does not let it in', () => {
  const session = new Written();
  showPage(session);
  const problem = { code: 'throttled', message: '', retryable: true };
  become(session, { link: { state: 'offline', retryAt: NOW, problem } });
  screen.getByText(/Too many tries/);
  expect(screen.queryByText('Connection lost')).toBeNull();
});

it('says that there is no place in it', () => {
  const session = new Written();
  showPage(session);
  const problem = { code: 'limit_reached', message: '', retryable: false };
  become(session, { link: { state: 'offline', retryAt: NOW, problem } });
  screen.getByText(/as many members as it takes/);
});

it('says that it is paused until somebody looks', () => {
  const session = new Written();
  showPage(session);
  become(session, { link: { state: 'paused' } });
  screen.getByText(/comes back when you look/);
});

it('says why a session has ended, and what to do', async () => {
  const session = new Written();
  const { left } = showPage(session);
  const error = { code: 'session_expired', message: '', retryable: false };
  become(session, { link: { state: 'ended', error } });
  expect(screen.getByRole('alert').textContent).toContain('Nobody was in it for the time');
  await userEvent.click(screen.getByRole('button', { name: 'Join again' }));
  expect(left).toHaveBeenCalled();
});
