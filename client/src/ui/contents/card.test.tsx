// @vitest-environment jsdom
import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import type { Progress } from '../../store/model';
import { contentOf, NOW, show, startPage, Written } from '../testing';
import { Card } from './card';

startPage();

const PROGRESS: Progress = {
  doneBytes: 1024 * 1024,
  totalBytes: 4 * 1024 * 1024,
  bytesPerSecond: 512 * 1024,
  secondsLeft: 6,
};
const FILE = { kind: 'file', name: 'notes.pdf', mime: 'application/pdf', size: 2048 } as const;
const PROBLEM = { code: 'storage_full', message: 'full', retryable: true };

function showCard(values: Parameters<typeof contentOf>[0], session = new Written()) {
  return show(<Card content={contentOf(values)} now={NOW + 120_000} />, session);
}

const press = (name: string) => userEvent.click(screen.getByRole('button', { name }));

describe('a text', () => {
  it('says who and when, and links web addresses only', () => {
    showCard({ text: 'see https://example.org/a. not javascript:alert(1) <b>bold</b>' });
    const card = within(screen.getByRole('article', { name: 'Text from Zoë Martin' }));
    card.getByText('2 minutes ago');
    const links = card.getAllByRole('link');
    expect(links.map((link) => link.getAttribute('href'))).toEqual(['https://example.org/a']);
    expect(links[0]?.getAttribute('rel')).toContain('noopener');
    card.getByText(/<b>bold<\/b>/);
  });

  it('is folded when it is long, and opens', async () => {
    showCard({ text: Array.from({ length: 40 }, (_, line) => `line ${line}.`).join('\n') });
    expect(screen.queryByText(/line 39\./)).toBeNull();
    await press('Show all of it');
    screen.getByText(/line 39\./);
  });

  it('of some size is read when it is shown', async () => {
    const session = new Written();
    showCard({ text: null, size: 20_000 }, session);
    await screen.findByText('the whole text');
    expect(session.acts).toEqual([['readText', 'c1']]);
  });

  it('is copied whole', async () => {
    userEvent.setup();
    const { notices } = showCard({ text: 'water the tomatoes' });
    await press('Copy');
    expect(await navigator.clipboard.readText()).toBe('water the tomatoes');
    expect(notices).toEqual([{ kind: 'done', text: 'Copied' }]);
  });
});

describe('a file', () => {
  it('has its name and size, and is saved', async () => {
    const session = new Written();
    const { notices } = showCard(FILE, session);
    screen.getByText('2 kB');
    await press('Save');
    expect(session.acts).toEqual([['save', 'c1']]);
    expect(notices).toEqual([{ kind: 'done', text: 'Saved notes.pdf.' }]);
  });

  it('tells why it could not be saved, but not that the member stopped it', async () => {
    const session = new Written();
    const { notices } = showCard(FILE, session);
    session.refusal = Object.assign(new Error('stopped'), { code: 'cancelled' });
    await press('Save');
    expect(notices).toEqual([]);
    session.refusal = Object.assign(new Error('no space'), { code: 'save_failed' });
    await press('Save');
    expect(notices).toMatchObject([{ kind: 'failed', problem: { code: 'save_failed' } }]);
  });

  it('is pinned and unpinned', async () => {
    const session = new Written();
    const { unmount } = showCard(FILE, session);
    await press('Pin');
    unmount();
    showCard({ ...FILE, pinned: true }, session);
    screen.getByText('Pinned');
    await press('Unpin');
    expect(session.acts).toEqual([
      ['pin', 'c1', true],
      ['pin', 'c1', false],
    ]);
  });

  it('gets another name, without white space around it', async () => {
    const session = new Written();
    showCard(FILE, session);
    await press('Rename');
    const dialog = within(screen.getByRole('dialog'));
    const input = dialog.getByRole('textbox', { name: 'New name' });
    await userEvent.clear(input);
    expect(dialog.getByRole('button', { name: 'Rename' })).toHaveProperty('disabled', true);
    await userEvent.type(input, ' plan.pdf {Enter}');
    expect(session.acts).toEqual([['rename', 'c1', 'plan.pdf']]);
  });

  it('is removed only after it was asked', async () => {
    const session = new Written();
    showCard(FILE, session);
    await press('Remove');
    await press('Cancel');
    expect(session.acts).toEqual([]);
    await press('Remove');
    const dialog = within(screen.getByRole('dialog', { name: 'Remove notes.pdf?' }));
    await userEvent.click(dialog.getByRole('button', { name: 'Remove' }));
    expect(session.acts).toEqual([['remove', 'c1']]);
    expect(screen.queryByRole('dialog')).toBeNull();
  });
});

describe('a transfer', () => {
  it('shows per cent, bytes, speed and time left, and can be stopped', async () => {
    const session = new Written();
    showCard({ ...FILE, activity: { kind: 'sending', progress: PROGRESS } }, session);
    screen.getByText('25 % · 1 MB of 4 MB · 512 kB/s · 6 seconds left', { exact: false });
    expect(screen.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('25');
    expect(screen.queryByRole('button', { name: 'Remove' })).toBeNull();
    await press('Cancel');
    expect(session.acts).toEqual([['cancel', 'c1']]);
  });

  it('is never at its end before it is done', () => {
    const progress = { ...PROGRESS, doneBytes: 4 * 1024 * 1024 };
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
  });

  it('that failed says why', () => {
    showCard({ ...FILE, activity: { kind: 'failed', problem: PROBLEM } });
    expect(screen.getByRole('alert').textContent).toContain('disk is full');
  });

  it('of somebody else says how much arrived, and offers no saving yet', () => {
    showCard({ ...FILE, state: 'uploading', storedBytes: 1024 });
    screen.getByText('Still being sent: 1 kB of 2 kB arrived.');
    expect(screen.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('50');
    expect(screen.queryByRole('button', { name: 'Save' })).toBeNull();
  });
});

describe('a picture', () => {
  const PICTURE = { kind: 'picture', name: 'evening.png', mime: 'image/png' } as const;

  it('is shown, opens large, and gives its memory back', async () => {
    const session = new Written();
    let released = 0;
    session.picture = { url: 'blob:x', release: () => (released += 1) };
    const { unmount } = showCard(PICTURE, session);
    await screen.findByRole('img', { name: 'evening.png' });
    await press('View evening.png large');
    await userEvent.click(within(screen.getByRole('dialog')).getByRole('button'));
    expect(screen.queryByRole('dialog')).toBeNull();
    unmount();
    expect(released).toBe(1);
  });

  it('whose bytes are none is a file', async () => {
    showCard(PICTURE);
    await screen.findByText('evening.png');
    expect(screen.queryByRole('img')).toBeNull();
  });
});

it('says that a content is damaged on the server', () => {
  showCard({ ...FILE, state: 'damaged' });
  expect(screen.getByRole('alert').textContent).toContain('Damaged on the server');
});
