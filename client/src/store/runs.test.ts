import { expect, it, vi } from 'vitest';

import { listContents } from './contents';
import { draftFile } from './drafting';
import type { StateStore } from './state';
import { BEGUN, COMPLETED, joinedMember, uploading } from './testing-uploads';

const CROWDED = {
  error: { code: 'throttled', message: '4 uploads are under way already.', retryable: true },
};

const member = await joinedMember();

const kinds = (state: StateStore, ...ids: string[]) =>
  listContents(state.model.contents)
    .filter(({ contentId }) => ids.length === 0 || ids.includes(contentId))
    .map(({ activity }) => activity.kind);
const large = (name: string) => draftFile(new File([new Uint8Array(20_000)], name), 'Ada');

/** Three uploads of which two have their turn, in the order in which the server is asked. */
async function three() {
  const { control, uploads, state } = uploading(member);
  const drafts = await Promise.all(['a', 'b', 'c'].map(large));
  for (const draft of drafts) uploads.start(draft);
  await vi.waitFor(() => {
    expect(control.ids).toHaveLength(2);
  });
  const [one = '', two = ''] = control.ids;
  const last = drafts.find(({ contentId }) => !control.ids.includes(contentId))?.contentId ?? '';
  return { control, uploads, state, one, two, last };
}

it('gives the place of what the server does not take yet to the next', async () => {
  const { control, state, one, two, last } = await three();
  control.answer(CROWDED, one);
  await vi.waitFor(() => {
    expect(control.ids).toEqual([one, two, last]);
  });
  control.answer(BEGUN, last);
  await vi.waitFor(
    () => {
      expect(control.ids).toEqual([one, two, last, one]);
    },
    { timeout: 5_000 },
  );
  control.answer(BEGUN, one);
  control.answer(BEGUN, two);
  await vi.waitFor(() => {
    expect(kinds(state)).toEqual(['idle', 'idle', 'idle']);
  });
});

it('is done when the run before a rest was, although it waits for its turn again', async () => {
  const { control, uploads, state, one, two, last } = await three();
  control.completes = false;
  control.answer(BEGUN, one);
  await vi.waitFor(() => {
    expect(control.ids).toEqual([one, two, one]);
  });
  uploads.pause(one);
  uploads.goOn(one);
  control.answer(COMPLETED, one);
  control.completes = true;
  await vi.waitFor(() => {
    expect(control.ids).toEqual([one, two, one, last]);
  });
  control.answer(BEGUN, two); // the later run of the first would have its turn now
  control.answer(BEGUN, last);
  await vi.waitFor(() => {
    expect(kinds(state, two, last)).toEqual(['idle', 'idle']);
  });
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(kinds(state)).toEqual(['idle', 'idle', 'idle']);
  expect(control.ids).toEqual([one, two, one, last]);
});
