// @vitest-environment jsdom
import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import { startPage } from '../testing';
import { press } from './testing';
import { fileOf, KEY, showFolder, UPLOADING, WHOLE } from './testing-folders';

startPage();

describe('a folder', () => {
  it('is one card, which opens to its files by their paths', async () => {
    showFolder([...WHOLE].reverse());
    const card = screen.getByRole('article', { name: 'photos' });
    within(card).getByText('3 files · 6 kB');
    expect(screen.queryByRole('progressbar')).toBeNull();
    const opener = screen.getByRole('button', { name: 'Show files' });
    expect(opener.ariaExpanded ?? opener.getAttribute('aria-expanded')).toBe('false');
    await userEvent.tab();
    await userEvent.tab();
    expect(document.activeElement).toBe(opener);
    await userEvent.keyboard('{Enter}');
    expect(opener.getAttribute('aria-expanded')).toBe('true');
    const list = within(screen.getByRole('list', { name: 'Files in photos' }));
    const rows = list.getAllByRole('article').map((row) => row.getAttribute('aria-label'));
    expect(rows).toEqual(['a.jpg', 'sub/b.jpg', 'sub/c.txt']);
    await press('Hide files');
    expect(screen.queryByRole('list')).toBeNull();
  });

  it('has the own acts of each file', async () => {
    const { session } = showFolder(WHOLE);
    await press('Show files');
    const row = within(screen.getByRole('article', { name: 'sub/b.jpg' }));
    await userEvent.click(row.getByRole('button', { name: 'Save' }));
    expect(session.acts).toEqual([['save', 'sub/b.jpg']]);
  });

  it('is saved as a zip', async () => {
    const { session, notices } = showFolder(WHOLE);
    await press('Save as zip');
    const ids = WHOLE.map(({ contentId }) => contentId);
    expect(session.acts).toEqual([['saveZip', KEY, 'photos.zip', ...ids]]);
    expect(notices).toEqual([{ kind: 'done', text: 'Saved photos.zip.' }]);
  });

  it('of which a part is here says so, and so does its zip', async () => {
    const files = [fileOf('a.jpg'), fileOf('b.jpg', UPLOADING)];
    const { session } = showFolder(files);
    screen.getByText('1 of 3 files are here · 4 kB');
    await press('Save 1 as zip');
    const name = 'photos (1 of 3 files).zip';
    expect(session.acts).toEqual([['saveZip', KEY, name, 'a.jpg']]);
  });

  it('of which a file is damaged is no whole zip either, were there more than it counts', async () => {
    const files = [...WHOLE, fileOf('d.jpg', { state: 'damaged' })];
    const { session } = showFolder(files);
    await press('Save 3 as zip');
    expect(session.acts[0]?.[2]).toBe('photos (3 of 4 files).zip');
  });

  it('has no zip while nothing of it is here', () => {
    showFolder([fileOf('a.jpg', UPLOADING)]);
    expect(screen.queryByRole('button', { name: /zip/ })).toBeNull();
  });

  it('loads those that were not listed yet', async () => {
    const { session } = showFolder([fileOf('a.jpg')], { hasOlder: true });
    await press('Show files');
    await press('Show the others');
    expect(session.acts).toEqual([['loadOlder']]);
  });

  it('is removed as a whole after it was asked', async () => {
    const { session } = showFolder(WHOLE);
    await press('Remove');
    const dialog = within(screen.getByRole('dialog', { name: 'Remove photos?' }));
    dialog.getByText(/^Its 3 files are gone/);
    await userEvent.click(dialog.getByRole('button', { name: 'Remove' }));
    expect(session.acts).toEqual(WHOLE.map(({ contentId }) => ['remove', contentId]));
  });

  it.each([
    ['content_not_found', WHOLE.length, 0],
    ['offline', 1, 1],
  ])('of which files were refused with %s is removed as far as it is there', async (...row) => {
    const [code, count, told] = row;
    const { session, notices } = showFolder(WHOLE);
    session.refusal = Object.assign(new Error('gone'), { code });
    await press('Remove');
    const dialog = within(screen.getByRole('dialog', { name: 'Remove photos?' }));
    await userEvent.click(dialog.getByRole('button', { name: 'Remove' }));
    expect(session.acts).toHaveLength(count);
    expect(notices).toHaveLength(told);
  });
});
