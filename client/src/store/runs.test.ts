import { expect, it, vi } from 'vitest';

import { listContents } from './contents';
import { draftFile } from './drafting';
import type { StateStore } from './state';
import { joinedMember, SHARED, uploading } from './testing-uploads';

const CROWDED = {
  error: { code: 'throttled', message: '4 uploads are under way already.', retryable: true },
};

const member = await joinedMember();

const kinds = (state: StateStore) =>
  listContents(state.model.contents).map(({ activity }) => activity.kind);
const large = (name: string) => draftFile(new File([new Uint8Array(20_000)], name), 'Ada');

it('gives the place of what the server does not take yet to the next', async () => {
  const { control, uploads, state } = uploading(member);
  const drafts = await Promise.all(['a', 'b', 'c'].map(large));
  const [one, two, three] = drafts.map(({ contentId }) => contentId);
  for (const draft of drafts) uploads.start(draft);
  await vi.waitFor(() => {
    expect(control.ids).toEqual([one, two]);
  });
  control.answer(CROWDED, one);
  await vi.waitFor(() => {
    expect(control.ids).toEqual([one, two, three]);
  });
  control.answer(SHARED, three);
  await vi.waitFor(
    () => {
      expect(control.ids).toEqual([one, two, three, one]);
    },
    { timeout: 5_000 },
  );
  control.answer(SHARED, one);
  control.answer(SHARED, two);
  await vi.waitFor(() => {
    expect(kinds(state)).toEqual(['idle', 'idle', 'idle']);
  });
});

it('is done when the run before a rest was, although it waits for its turn again', async () => {
  const { control, uploads, state } = uploading(member);
  const drafts = await Promise.all(['a', 'b', 'c'].map(large));
  const [one = '', two = '', three = ''] = drafts.map(({ contentId }) => contentId);
  for (const draft of drafts) uploads.start(draft);
  await vi.waitFor(() => {
    expect(control.ids).toEqual([one, two]);
  });
  uploads.pause(one);
  uploads.goOn(one);
  control.answer(SHARED, one);
  await vi.waitFor(() => {
    expect(control.ids).toEqual([one, two, three]);
  });
  control.answer(SHARED, two); // the later run of the first would have its turn now
  control.answer(SHARED, three);
  await vi.waitFor(() => {
    expect(kinds(state).slice(1)).toEqual(['idle', 'idle']);
  });
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(kinds(state)).toEqual(['idle', 'idle', 'idle']);
  expect(control.ids).toEqual([one, two, three]);
});
