// @vitest-environment jsdom
import { screen, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';

import { startPage, Written } from '../testing';
import { FILE, press, PROBLEM, PROGRESS, showCard } from './testing';

startPage();

describe('a transfer', () => {
  it('shows per cent, bytes, speed and time left, and can be stopped', async () => {
    const session = new Written();
    const activity = { kind: 'sending', progress: PROGRESS } as const;
    showCard({ ...FILE, mine: true, state: 'uploading', activity }, session);
    screen.getByText('25 % · 1 MB of 4 MB · 512 kB/s · 6 seconds left', { exact: false });
    expect(screen.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('25');
    expect(screen.queryByRole('button', { name: 'Remove' })).toBeNull();
    await press('Cancel');
    expect(session.acts).toEqual([['cancel', 'c1']]);
  });

  it.each([
    { kind: 'sending', progress: PROGRESS },
    { kind: 'waiting', progress: PROGRESS, problem: null },
  ] as const)('of this member can rest while it is $kind', async (activity) => {
    const session = new Written();
    showCard({ ...FILE, mine: true, state: 'uploading', activity }, session);
    await press('Pause');
    expect(session.acts).toEqual([['pause', 'c1']]);
  });

  it('that rests says so, goes on, and can be stopped', async () => {
    const session = new Written();
    const activity = { kind: 'paused', progress: PROGRESS } as const;
    showCard({ ...FILE, mine: true, state: 'uploading', activity }, session);
    screen.getByText('Paused', { selector: 'strong' });
    screen.getByText('25 % · 1 MB of 4 MB', { exact: false });
    expect(screen.queryByText(/kB\/s|left/)).toBeNull();
    await press('Go on');
    await press('Cancel');
    expect(session.acts).toEqual([
      ['goOn', 'c1'],
      ['cancel', 'c1'],
    ]);
  });

  it('to the disk, or whose file is being read, cannot rest', () => {
    showCard({ ...FILE, mine: true, activity: { kind: 'saving', progress: PROGRESS } });
    const activity = { kind: 'reading', progress: PROGRESS } as const;
    showCard({ ...FILE, mine: true, state: 'uploading', activity });
    expect(screen.queryByRole('button', { name: 'Pause' })).toBeNull();
  });

  it('is never at its end before it is done', () => {
    const progress = { ...PROGRESS, doneBytes: 4 * 1_000_000 };
    showCard({ ...FILE, activity: { kind: 'sending', progress } });
    expect(screen.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('99');
  });

  it('of unknown length has no per cent', () => {
    const progress = { ...PROGRESS, totalBytes: null, secondsLeft: null };
    showCard({ ...FILE, size: null, activity: { kind: 'sending', progress } });
    expect(screen.getByRole('progressbar').getAttribute('aria-valuenow')).toBeNull();
    expect(screen.queryByText(/%/)).toBeNull();
  });

  it.each([
    [null, 'Waiting for the connection, then it goes on.'],
    [PROBLEM, "The server's disk is full. It goes on when there is space again."],
  ])('that waits says for what', (problem, sentence) => {
    showCard({ ...FILE, activity: { kind: 'waiting', progress: PROGRESS, problem } });
    screen.getByText(sentence);
    screen.getByText('25 % · 1 MB of 4 MB', { exact: false });
    expect(screen.queryByText(/kB\/s|left/)).toBeNull();
  });

  it('that is throttled says that it goes on, and when', () => {
    const problem = { code: 'throttled', message: 'Too many requests.', retryable: true };
    const until = new Date(2039, 10, 6, 14, 31, 5).getTime();
    const activity = { kind: 'waiting', progress: PROGRESS, problem } as const;
    showCard({ ...FILE, activity: { ...activity, until } });
    screen.getByText(/^The server takes nothing more for a while\. .* by itself at .*32/);
    showCard({ ...FILE, activity });
    screen.getByText('The server takes nothing more just now. It goes on by itself.');
  });

  it('that waits can be stopped, and is not begun twice', async () => {
    const session = new Written();
    const activity = { kind: 'waiting', progress: PROGRESS, problem: null } as const;
    showCard({ ...FILE, activity }, session);
    expect(screen.queryByRole('button', { name: 'Save' })).toBeNull();
    await press('Cancel');
    expect(session.acts).toEqual([['cancel', 'c1']]);
  });

  it('that failed says why, and can be removed', () => {
    const activity = { kind: 'failed', problem: PROBLEM } as const;
    showCard({ ...FILE, mine: true, state: 'uploading', activity });
    const alert = screen.getByRole('alert');
    expect(alert.textContent).toContain('disk is full');
    expect(screen.getAllByRole('button')).toEqual([
      within(alert).getByRole('button', { name: 'Remove' }),
    ]);
  });

  it('that failed can be tried again when its file is still there', async () => {
    const session = new Written();
    const activity = { kind: 'failed', problem: PROBLEM, again: true } as const;
    showCard({ ...FILE, mine: true, state: 'uploading', activity }, session);
    await press('Try again');
    expect(session.acts).toEqual([['shareAgain', 'c1']]);
  });

  it('that waits and has not begun shows no bar', () => {
    const progress = { ...PROGRESS, doneBytes: 0 };
    showCard({ ...FILE, activity: { kind: 'waiting', progress, problem: null } });
    expect(screen.queryByRole('progressbar')).toBeNull();
  });

  it('to the disk that failed can be begun again', () => {
    showCard({ ...FILE, activity: { kind: 'failed', problem: PROBLEM } });
    expect(screen.getByRole('alert').textContent).toContain('disk is full');
    screen.getByRole('button', { name: 'Save' });
  });

  it('that has not begun waits for its turn, and can be stopped', async () => {
    const session = new Written();
    showCard({ ...FILE, mine: true, state: 'uploading', storedBytes: 0 }, session);
    screen.getByText('Waiting for its turn.');
    await press('Cancel');
    expect(session.acts).toEqual([['cancel', 'c1']]);
  });
});
