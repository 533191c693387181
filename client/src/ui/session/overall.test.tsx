// @vitest-environment jsdom
import { act, screen } from '@testing-library/react';
import { expect, it } from 'vitest';

import type { Activity, Content } from '../../store/model';
import { contentOf, show, startPage, stateOf, Written } from '../testing';
import { SessionPage } from './session-page';

startPage();

const MB = 1_000_000;

function fileOf(contentId: string, values: Partial<Content>): Content {
  const file = { kind: 'file', name: `${contentId}.bin`, size: 4 * MB, storedBytes: 0 } as const;
  return contentOf({ contentId, ...file, ...values });
}

const at = (doneBytes: number) => ({
  doneBytes,
  totalBytes: 4 * MB,
  bytesPerSecond: 0,
  secondsLeft: null,
});
const sent = (contentId: string, doneBytes: number) =>
  fileOf(contentId, {
    mine: true,
    state: 'uploading',
    activity: { kind: 'sending', progress: at(doneBytes) },
  });
const saved = (contentId: string, activity: Activity) => fileOf(contentId, { activity });

function showPage(contents: readonly Content[]) {
  const session = new Written(stateOf({ contents }));
  show(<SessionPage session={session} onLeft={() => undefined} />, session);
  return (next: readonly Content[]) => {
    act(() => {
      session.become(stateOf({ contents: next }));
    });
  };
}

const said = () => screen.getAllByRole('status').map(({ textContent }) => textContent);

it('is told over all that is sent, and read out at each quarter', () => {
  const become = showPage([sent('a', 0), sent('b', 0)]);
  screen.getByText('0 of 2 files done · 0 % · 0 bytes of 8 MB', { exact: false });
  expect(said()).toContain('Sending: 0 of 2 files done, 0 %');
  become([sent('a', MB), sent('b', 0)]);
  screen.getByText('0 of 2 files done · 12 % · 1 MB of 8 MB', { exact: false });
  expect(said()).toContain('Sending: 0 of 2 files done, 0 %');
  const whole = fileOf('a', { mine: true });
  become([whole, sent('b', MB)]);
  screen.getByText('1 of 2 files done · 62 % · 5 MB of 8 MB', { exact: false });
  expect(said()).toContain('Sending: 1 of 2 files done, 62 %');
  become([whole, sent('b', 4 * MB)]);
  screen.getByText('1 of 2 files done · 99 %', { exact: false });
  become([whole, fileOf('b', { mine: true })]);
  expect(screen.queryByText(/files done/)).toBeNull();
  expect(said()).toContain('2 files are sent.');
});

it('is told of what is saved beside what is sent', () => {
  const saves = { kind: 'saving', progress: at(2 * MB) } as const;
  const both = [sent('a', 0), sent('b', 0)];
  const become = showPage([...both, saved('c', saves), saved('d', saves)]);
  expect(screen.getAllByText(/^0 of 2 files done/)).toHaveLength(2);
  expect(said()).toContain('Saving: 0 of 2 files done, 50 %');
  become([...both, saved('c', { kind: 'idle', isSaved: true }), saved('d', { kind: 'idle' })]);
  expect(said()).toContain('1 file is saved.');
  screen.getByText(/^0 of 2 files done/);
});

it('says that all of it waits or rests, and no speed', () => {
  const waits = (kind: 'waiting' | 'paused', contentId: string) =>
    fileOf(contentId, {
      mine: true,
      state: 'uploading',
      activity: { kind, progress: { ...at(MB), bytesPerSecond: MB }, problem: null },
    });
  const become = showPage([waits('waiting', 'a'), waits('waiting', 'b')]);
  expect(said()).toContain('Waiting: 0 of 2 files done, 25 %');
  become([waits('paused', 'a'), waits('paused', 'b')]);
  expect(said()).toContain('Paused: 0 of 2 files done, 25 %');
  expect(screen.queryByText(/MB\/s|left/)).toBeNull();
});

it('is not told of one alone, which says itself how far it is', () => {
  const become = showPage([sent('a', MB)]);
  expect(screen.queryByText(/files? done/)).toBeNull();
  become([fileOf('a', { mine: true })]);
  expect(said()).not.toContain('1 file is sent.');
});
