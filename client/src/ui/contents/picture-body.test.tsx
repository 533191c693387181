// @vitest-environment jsdom
import { act, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';

import { startPage, Written } from '../testing';
import { comeNear } from '../testing-near';
import { press, showCard } from './testing';

startPage();

describe('a picture', () => {
  const PICTURE = { kind: 'picture', name: 'evening.png', mime: 'image/png' } as const;

  it('that is still being sent is shown as far as it is there', async () => {
    const session = new Written();
    let released = 0;
    showCard({ ...PICTURE, state: 'uploading' }, session).unmount();
    session.part = { url: 'blob:part', release: () => (released += 1) };
    const { unmount } = showCard({ ...PICTURE, state: 'uploading' }, session);
    await screen.findByRole('img', { name: 'evening.png' });
    screen.getByText('Still being sent');
    unmount();
    expect(released).toBe(1);
  });

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

  it('gives its memory back while it is far from what is seen, and its place stays', async () => {
    const session = new Written();
    let released = 0;
    session.picture = { url: 'blob:x', release: () => (released += 1) };
    showCard(PICTURE, session);
    await screen.findByRole('img');
    act(() => {
      comeNear(false);
    });
    expect(screen.queryByRole('img')).toBeNull();
    expect(released).toBe(1);
    screen.getByText('evening.png');
    act(() => {
      comeNear(true);
    });
    await screen.findByRole('img');
  });

  it('that is far away is not fetched any more', () => {
    const session = new Written();
    const preview = vi.spyOn(session, 'preview');
    showCard(PICTURE, session);
    const [, , signal] = preview.mock.lastCall ?? [];
    act(() => {
      comeNear(false);
    });
    expect(signal?.aborted).toBe(true);
    expect(preview).toHaveBeenCalledOnce();
  });

  it('that was changed on the way says so', async () => {
    const session = new Written();
    const damaged = Object.assign(new Error(''), { code: 'content_damaged' });
    vi.spyOn(session, 'preview').mockRejectedValue(damaged);
    showCard(PICTURE, session);
    expect((await screen.findByRole('alert')).textContent).toContain('damaged or was changed');
    screen.getByText('evening.png');
  });
});
