// @vitest-environment jsdom
import { screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, it } from 'vitest';

import { contentOf, show, startPage, Written } from '../testing';
import { InterruptedBanner } from './interrupted';
import { FILE, showCard } from './testing';

startPage();

const ACTIVITY = { kind: 'interrupted', keptSeconds: 1800 } as const;

function input(): HTMLInputElement {
  const found = document.querySelector('input');
  if (found === null) throw new Error('no input');
  return found;
}

it('says what is there of an upload, takes its file, and lets it be removed', async () => {
  const session = new Written();
  showCard(
    { ...FILE, mine: true, state: 'uploading', storedBytes: 1000, activity: ACTIVITY },
    session,
  );
  screen.getByText('1 kB of 2 kB arrived.', { exact: false });
  screen.getByText('is kept for 30 minutes', { exact: false });
  expect(screen.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('50');
  const file = new File(['x'], 'tree.png');
  await userEvent.upload(input(), file);
  expect(session.acts).toEqual([['resume', 'c1', 'tree.png']]);
  screen.getByRole('button', { name: 'Remove' });
});

it('says of an upload that waited for its turn only how it is sent', () => {
  const activity = { ...ACTIVITY, keptSeconds: null };
  showCard({ ...FILE, mine: true, state: 'uploading', storedBytes: 0, activity });
  screen.getByText('Choose the same file, and it is sent.', { exact: false });
  expect(screen.queryByText('is kept for', { exact: false })).toBeNull();
});

it.each([
  [1, 'An upload was interrupted. It goes on when you choose its file again.', false],
  [2, '2 uploads were interrupted. They go on when you choose their files again.', true],
])('tells of %i interrupted uploads, and takes their files', async (count, sentence, isMany) => {
  const session = new Written();
  const contents = Array.from({ length: count }, (_, index) =>
    contentOf({ contentId: String(index), mine: true, state: 'uploading', activity: ACTIVITY }),
  );
  show(<InterruptedBanner contents={[contentOf(), ...contents]} />, session);
  screen.getByText(sentence);
  expect(input().multiple).toBe(isMany);
  await userEvent.upload(input(), new File(['x'], 'tree.png'));
  expect(session.acts).toEqual([['resume', undefined, 'tree.png']]);
});

it('tells of none while there is none', () => {
  show(<InterruptedBanner contents={[contentOf()]} />);
  expect(screen.queryByRole('status')).toBeNull();
});
