// @vitest-environment jsdom
import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import { startPage, Written } from '../testing';
import { FILE, press, showCard } from './testing';

startPage();

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

  it('tells that it could not be saved only where its card does not', async () => {
    const session = new Written();
    const { notices } = showCard(FILE, session);
    session.saved = null;
    await press('Save');
    expect(notices).toEqual([]);
    session.refusal = Object.assign(new Error('gone'), { code: 'content_not_found' });
    await press('Save');
    expect(notices).toMatchObject([{ kind: 'failed', problem: { code: 'content_not_found' } }]);
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

it.each([
  { kind: 'idle' },
  { kind: 'failed', problem: { code: 'content_damaged', message: '', retryable: false } },
] as const)('says what heals a content that is damaged on the server ($kind)', (activity) => {
  showCard({ ...FILE, state: 'damaged', activity });
  expect(screen.getByRole('alert').textContent).toContain(
    'Damaged on the server. Whoever has the file can share it again.',
  );
});
