// @vitest-environment jsdom
import { screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';

import { startPage, Written } from '../testing';
import { FILE, press, PROBLEM, PROGRESS, showCard } from './testing';

startPage();

describe('a transfer', () => {
  it('of somebody else says how much arrives and how fast, and can be saved meanwhile', async () => {
    const session = new Written();
    const arriving = { ...PROGRESS, doneBytes: 1000, totalBytes: 2000 };
    showCard({ ...FILE, state: 'uploading', storedBytes: 1000, arriving }, session);
    screen.getByText('Still being sent');
    screen.getByText('50 % · 1 kB of 2 kB · 512 kB/s · 6 seconds left', { exact: false });
    expect(screen.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('50');
    const names = screen.getAllByRole('button').map((one) => one.ariaLabel ?? one.textContent);
    expect(names).toEqual(['Save', 'Remove']);
    await press('Save');
    expect(session.acts).toEqual([['save', 'c1']]);
  });

  it('of somebody who is gone says for whom it waits', () => {
    showCard({ ...FILE, state: 'uploading', storedBytes: 1000, arriving: PROGRESS, waits: true });
    screen.getByText(/^Waiting for Zoë Martin/);
    screen.getByText('50 % · 1 kB of 2 kB', { exact: false });
    expect(screen.queryByText(/kB\/s|left/)).toBeNull();
  });

  it('to the disk says that it waits for more to be sent, and for whom', () => {
    const problem = { code: 'not_arrived', message: '', retryable: true };
    const activity = { kind: 'waiting', progress: PROGRESS, problem } as const;
    const { unmount } = showCard({ ...FILE, state: 'uploading', activity });
    screen.getByText('Waiting for more of it to be sent; it goes on by itself.');
    unmount();
    showCard({ ...FILE, state: 'uploading', activity, waits: true });
    screen.getByText(/^Waiting for Zoë Martin/);
  });

  it('to the disk that failed while it was still being sent can be begun again', () => {
    const activity = { kind: 'failed', problem: PROBLEM } as const;
    showCard({ ...FILE, state: 'uploading', activity });
    expect(screen.getByRole('alert').textContent).toContain('disk is full');
    screen.getByRole('button', { name: 'Save' });
  });

  it('to the disk that was cut off goes on from what is kept, or is discarded', async () => {
    const session = new Written();
    const activity = { kind: 'kept', keptBytes: 1000, problem: null } as const;
    const { notices } = showCard({ ...FILE, activity }, session);
    screen.getByText('Not saved yet: 1 kB of 2 kB are kept here.');
    expect(screen.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('50');
    expect(screen.queryByRole('button', { name: 'Save' })).toBeNull();
    await press('Go on');
    expect(notices).toEqual([{ kind: 'done', text: 'Saved notes.pdf.' }]);
    await press('Discard');
    expect(session.acts).toEqual([
      ['save', 'c1'],
      ['cancel', 'c1'],
    ]);
  });

  it('to the disk that was cut off says why', () => {
    const activity = { kind: 'kept', keptBytes: 1000, problem: PROBLEM } as const;
    showCard({ ...FILE, activity });
    expect(screen.getByRole('alert').textContent).toContain('disk is full');
    screen.getByRole('button', { name: 'Go on' });
  });
});
