// @vitest-environment jsdom
import { act, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { startPage, stateOf } from '../testing';
import { Contents } from './contents';
import { PROBLEM, press, PROGRESS } from './testing';
import { fileOf, KEY, showFolder, UPLOADING, WHOLE } from './testing-folders';

startPage();

describe('its progress', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  const mine = { ...UPLOADING, mine: true };
  const sending = (doneBytes: number) =>
    ({ kind: 'sending', progress: { ...PROGRESS, doneBytes, totalBytes: 2000 } }) as const;

  it('is that of all that this member sends, never full before it is done', () => {
    const files = [fileOf('a', { mine: true }), fileOf('b', { ...mine, activity: sending(1999) })];
    const { unmount } = showFolder(files);
    expect(screen.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('99');
    screen.getByText('99 % · 4 kB of 4 kB', { exact: false });
    unmount();
    showFolder([fileOf('a', { mine: true }), fileOf('b', { mine: true })]);
    expect(screen.queryByRole('progressbar')).toBeNull();
  });

  it('has a speed and the time that is left', async () => {
    const files = (doneBytes: number) => [fileOf('b', { ...mine, activity: sending(doneBytes) })];
    const { rerender } = showFolder(files(0));
    rerender(<Contents state={stateOf({ contents: files(1000) })} />);
    await act(() => vi.advanceTimersByTimeAsync(500));
    screen.getByText('50 % · 1 kB of 2 kB · 2 kB/s · 1 second left', { exact: false });
  });

  it('rests, goes on and is cancelled as a whole', async () => {
    const files = [
      fileOf('a', { ...mine, activity: sending(0) }),
      fileOf('b', mine),
      fileOf('c', { mine: true }),
    ];
    const { session, unmount } = showFolder(files);
    const user = userEvent.setup({ delay: null });
    await user.click(screen.getByRole('button', { name: 'Pause' }));
    await user.click(screen.getByRole('button', { name: 'Cancel' }));
    expect(session.acts).toEqual([
      ['pause', 'a'],
      ['pause', 'b'],
      ['cancel', 'a'],
      ['cancel', 'b'],
    ]);
    unmount();
    const paused = { kind: 'paused', progress: PROGRESS } as const;
    const again = showFolder([fileOf('a', { ...mine, activity: paused })]);
    screen.getByText('Paused');
    await user.click(screen.getByRole('button', { name: 'Go on' }));
    expect(again.session.acts).toEqual([['goOn', 'a']]);
  });

  it('waits as a whole while some wait and the others have not begun', () => {
    const activity = { kind: 'waiting', progress: PROGRESS, problem: null } as const;
    showFolder([fileOf('a', { ...mine, activity }), fileOf('b', mine)]);
    screen.getByText('Waiting for the connection, then it goes on.');
  });

  it('counts files while another member sends what is not known yet', () => {
    const { unmount } = showFolder([fileOf('a'), fileOf('b', { ...UPLOADING, storedBytes: 500 })]);
    screen.getByText('Still being sent');
    expect(screen.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('33');
    unmount();
    showFolder([fileOf('a', { ...UPLOADING, waits: true })]);
    screen.getByText(/^Waiting for Zoë Martin/);
  });

  it('says how many could not be shared', () => {
    const activity = { kind: 'failed', problem: PROBLEM } as const;
    showFolder([fileOf('a'), fileOf('b', { ...mine, activity })]);
    expect(screen.getByRole('alert').textContent).toBe('1 file could not be shared.');
    expect(screen.queryByRole('progressbar')).toBeNull();
  });
});

describe('a zip', () => {
  const zips = (activity: object, file: string | null = null) => ({
    zips: new Map([[KEY, { activity, file }]]),
  });

  it('that is being saved says how far it is, and is stopped', async () => {
    const { session } = showFolder(WHOLE, zips({ kind: 'saving', progress: PROGRESS }));
    screen.getByText('Saving as zip');
    expect(screen.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('25');
    expect(screen.queryByRole('button', { name: 'Save as zip' })).toBeNull();
    await press('Cancel');
    expect(session.acts).toEqual([['stopZip', KEY]]);
  });

  it('that waits has no speed', () => {
    showFolder(WHOLE, zips({ kind: 'waiting', progress: PROGRESS, problem: null }));
    screen.getByText('Waiting for the connection, then it goes on.');
    expect(screen.queryByText(/kB\/s|left/)).toBeNull();
  });

  it('that failed says at which file, and why', async () => {
    const activity = { kind: 'failed', problem: PROBLEM };
    const { session } = showFolder(WHOLE, zips(activity, 'b.jpg'));
    const said = screen.getByRole('alert').textContent;
    expect(said).toContain('No zip was saved, because of b.jpg.');
    expect(said).toContain('disk is full');
    screen.getByRole('button', { name: 'Save as zip' });
    await press('Dismiss');
    expect(session.acts).toEqual([['stopZip', KEY]]);
  });
});
