import { expect, it, vi } from 'vitest';

import { ownProblem } from '../protocol/errors';
import { listContents } from './contents';
import { draftFile } from './drafting';
import { Removals } from './removals';
import { joinedMember, uploading } from './testing-uploads';

const REMOVED = { result: { revision: 2 } };

const member = await joinedMember();

it('asks the server to remove what it may have heard of, and nothing else', async () => {
  const { control, state, uploads } = uploading(member);
  const files = Array.from({ length: 200 }, (_, nth) => new File(['x'], String(nth)));
  const drafts = await Promise.all(files.map((file) => draftFile(file, 'Ada')));
  const ids = drafts.map(({ contentId }) => contentId);
  for (const draft of drafts) uploads.start(draft);
  await vi.waitFor(() => {
    expect(control.asked).toHaveLength(4);
  });
  for (const contentId of ids) uploads.cancel(contentId);
  expect(listContents(state.model.contents)).toEqual([]);
  await vi.waitFor(() => {
    const removals = control.asked.filter(({ event }) => event === 'content:remove');
    expect(removals.map(({ contentId }) => contentId)).toEqual(ids.slice(0, 4));
  });
  expect(control.asked).toHaveLength(8);
});

it('asks for a few at a time, so that the next request does not wait behind them all', async () => {
  const { control, lines } = uploading(member);
  const removals = new Removals(lines);
  const ids = Array.from({ length: 5000 }, (_, nth) => String(nth));
  for (const contentId of ids) removals.ask(contentId);
  for (const count of [6, 7, 8]) {
    await vi.waitFor(() => {
      expect(control.ids).toEqual(ids.slice(0, count));
    });
    control.answer(REMOVED);
  }
  expect(control.most).toBe(6);
});

it('asks when there is a connection again', async () => {
  const { control, lines } = uploading(member);
  let join: () => void = () => undefined;
  const online = new Promise<void>((resolve) => (join = resolve));
  const now = () => {
    throw ownProblem('offline');
  };
  const removals = new Removals({ ...lines, now, joined: () => online.then(lines.joined) });
  removals.ask('1');
  await Promise.resolve();
  expect(control.asked).toEqual([]);
  join();
  await vi.waitFor(() => {
    expect(control.asked).toEqual([{ event: 'content:remove', contentId: '1' }]);
  });
});
