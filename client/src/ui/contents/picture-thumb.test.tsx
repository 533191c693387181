// @vitest-environment jsdom
import { act, fireEvent, screen } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';

import { contentOf, NOW, startPage, Written } from '../testing';
import { comeNear } from '../testing-near';
import { Card } from './card';
import { press, showCard } from './testing';

startPage();

const THUMB = { url: 'data:image/webp;base64,UklGRg', width: 400, height: 200 };
const PICTURE = { kind: 'picture', name: 'evening.png', mime: 'image/png', thumb: THUMB } as const;

/** A picture of which nothing was fetched. */
function unfetched(): Written {
  const session = new Written();
  vi.spyOn(session, 'preview').mockReturnValue(new Promise(() => undefined));
  return session;
}

const image = () => screen.getByAltText('evening.png');

/** A browser has loaded what is shown: a picture of this size. */
function load(width = 320, height = 160): void {
  Object.defineProperties(image(), {
    naturalWidth: { value: width, configurable: true },
    naturalHeight: { value: height, configurable: true },
  });
  fireEvent.load(image());
}

describe('a thumbnail', () => {
  it('is shown in the shape of the picture before anything of it is there', () => {
    showCard({ ...PICTURE, state: 'uploading' }, unfetched());
    expect(image().getAttribute('src')).toBe(THUMB.url);
    expect(image().style.aspectRatio).toBe('2 / 1');
    expect(image().style.visibility).toBe('hidden');
    load();
    expect(image().style.visibility).toBe('');
    screen.getByText('Still being sent');
  });

  it('gives its place to the picture, which opens large', async () => {
    const session = new Written();
    session.picture = { url: 'blob:whole', release: () => undefined };
    showCard(PICTURE, session);
    const first = image();
    load();
    await vi.waitFor(() => {
      expect(image().getAttribute('src')).toBe('blob:whole');
    });
    // The same element: until the picture is loaded, the browser shows the thumbnail.
    expect(image()).toBe(first);
    expect(first.style.aspectRatio).toBe('2 / 1');
    expect(first.style.backgroundImage).not.toBe('');
    load(4000, 2000);
    expect(first.style.backgroundImage).toBe('');
    await press('View evening.png large');
    screen.getByRole('dialog');
  });

  it('stays behind what has come of the picture so far', () => {
    const session = unfetched();
    showCard({ ...PICTURE, state: 'uploading' }, session);
    load();
    const [[, onPart] = []] = vi.mocked(session.preview).mock.calls;
    act(() => onPart?.({ url: 'blob:part', release: () => undefined }));
    load(4000, 2000);
    expect(image().getAttribute('src')).toBe('blob:part');
    expect(image().style.backgroundImage).toContain(THUMB.url);
  });

  it('of which nobody knows the size is not drawn behind a part of the picture', () => {
    const session = new Written();
    session.part = { url: 'blob:part', release: () => undefined };
    showCard({ ...PICTURE, state: 'uploading' }, session);
    load(4000, 2000);
    expect(image().getAttribute('src')).toBe('blob:part');
    expect(image().style.backgroundImage).toBe('');
  });

  it('that takes the place of another one is measured as that was', () => {
    const shown = showCard({ ...PICTURE, state: 'uploading' }, unfetched());
    const change = (url: string) => {
      const content = contentOf({ ...PICTURE, thumb: { ...THUMB, url }, state: 'uploading' });
      shown.rerender(<Card content={content} now={NOW} />);
    };
    load();
    change('data:image/webp;base64,Bomb');
    expect(image().style.visibility).toBe('hidden');
    load(16_383, 16_383);
    expect(screen.queryByAltText('evening.png')).toBeNull();
    change('data:image/webp;base64,Good');
    expect(image().style.visibility).toBe('hidden');
    load();
    expect(image().style.visibility).toBe('');
  });

  it('is seen by its sender too, who fetches nothing', () => {
    const session = new Written();
    const preview = vi.spyOn(session, 'preview');
    showCard({ ...PICTURE, mine: true, state: 'uploading' }, session);
    load();
    expect(image().getAttribute('src')).toBe(THUMB.url);
    expect(preview).not.toHaveBeenCalled();
  });

  it.each([
    ['is wider than 320 pixels', () => load(321, 1)],
    ['is higher than 320 pixels', () => load(1, 16_383)],
    ['does not open', () => fireEvent.error(image())],
  ])('that %s is not shown', (_, opened) => {
    showCard({ ...PICTURE, state: 'uploading' }, unfetched());
    act(() => {
      opened();
    });
    expect(screen.queryByAltText('evening.png')).toBeNull();
    screen.getByText('evening.png');
  });

  it('of what is no picture is not shown', async () => {
    showCard(PICTURE);
    await vi.waitFor(() => {
      expect(screen.queryByAltText('evening.png')).toBeNull();
    });
    screen.getByText('evening.png');
  });

  it('is all that is shown of a picture too large to be looked at here', async () => {
    showCard({ ...PICTURE, size: 33 * 1024 * 1024 });
    await act(() => Promise.resolve());
    load();
    expect(image().getAttribute('src')).toBe(THUMB.url);
    expect(screen.getByRole('button', { name: /large/ })).toHaveProperty('disabled', true);
  });

  it('is not held far from what is seen, and its place stays', () => {
    showCard(PICTURE, unfetched());
    const { parentElement: frame } = image();
    act(() => {
      comeNear(false);
    });
    expect(screen.queryByAltText('evening.png')).toBeNull();
    const [place] = frame?.children ?? [];
    expect(place).toHaveProperty('style.aspectRatio', '2 / 1');
  });
});
