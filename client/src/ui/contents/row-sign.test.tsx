// @vitest-environment jsdom
import { act, fireEvent, screen } from '@testing-library/react';
import { expect, it } from 'vitest';

import type { Content } from '../../store/model';
import { startPage } from '../testing';
import { press } from './testing';
import { fileOf, showFolder } from './testing-folders';

startPage();

const THUMB = { url: 'data:image/webp;base64,UklGRg', width: 400, height: 200 };
const PICTURE = { kind: 'picture', mime: 'image/png', thumb: THUMB } as const;

/** The browser begins to lay out the row, or leaves it out. */
function comeNear(isNear: boolean): void {
  const event = new Event('contentvisibilityautostatechange');
  act(() => {
    screen.getByRole('listitem').dispatchEvent(Object.assign(event, { skipped: !isNear }));
  });
}

async function showRow(values: Partial<Content>) {
  const shown = showFolder([fileOf('a.png', values)]);
  await press('Show files');
  comeNear(true);
  return () => shown.container.querySelector<HTMLImageElement>('li img');
}

function load(image: HTMLImageElement | null, width: number, height: number): void {
  if (image === null) throw new Error('no thumbnail');
  Object.defineProperties(image, {
    naturalWidth: { value: width },
    naturalHeight: { value: height },
  });
  fireEvent.load(image);
}

it('is the thumbnail of a picture, drawn when it is known to be small', async () => {
  const image = await showRow(PICTURE);
  expect(image()?.getAttribute('src')).toBe(THUMB.url);
  // Its name stands beside it.
  expect(image()?.alt).toBe('');
  expect(image()?.style.visibility).toBe('hidden');
  load(image(), 320, 160);
  expect(image()?.style.visibility).toBe('');
});

it.each([
  [321, 1],
  [1, 16_383],
])('is no thumbnail of %i x %i pixels', async (width, height) => {
  const image = await showRow(PICTURE);
  load(image(), width, height);
  expect(image()).toBeNull();
  comeNear(false);
  comeNear(true);
  expect(image()).toBeNull();
});

it('is no thumbnail that does not open', async () => {
  const image = await showRow(PICTURE);
  const shown = image();
  if (shown !== null) fireEvent.error(shown);
  expect(image()).toBeNull();
});

it('is not held far from what is seen', async () => {
  const image = await showRow(PICTURE);
  load(image(), 320, 160);
  comeNear(false);
  expect(image()).toBeNull();
  comeNear(true);
  expect(image()?.style.visibility).toBe('');
});

it.each<Partial<Content>>([{ kind: 'file' }, { state: 'damaged' }, { thumb: null }])(
  'is the sign of its kind for %j',
  async (values) => {
    const image = await showRow({ ...PICTURE, ...values });
    expect(image()).toBeNull();
  },
);
