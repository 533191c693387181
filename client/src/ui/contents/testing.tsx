/** What the tests of contents share. */
import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';

import type { Progress } from '../../store/model';
import { contentOf, NOW, show, Written } from '../testing';
import { Card } from './card';

export const PROGRESS: Progress = {
  doneBytes: 1_000_000,
  totalBytes: 4 * 1_000_000,
  bytesPerSecond: 512_000,
  secondsLeft: 6,
};
export const PROBLEM = { code: 'storage_full', message: 'full', retryable: true };

/** A file that is whole. */
export const FILE = {
  kind: 'file',
  name: 'notes.pdf',
  mime: 'application/pdf',
  size: 2000,
} as const;

/** Show the card of a content two minutes after it came. */
export function showCard(values: Parameters<typeof contentOf>[0], session = new Written()) {
  return show(<Card content={contentOf(values)} now={NOW + 120_000} />, session);
}

/** Press the button of this name. */
export const press = (name: string) => userEvent.click(screen.getByRole('button', { name }));
