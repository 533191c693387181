import { afterEach, describe, expect, it, vi } from 'vitest';

import { listContents } from './contents';
import { draftFile } from './drafting';
import { openedOf, pageOf } from './fixtures';
import type { RemovalReason } from './listing';
import { BEGUN, joinedMember, uploading } from './testing-uploads';

const member = await joinedMember();
afterEach(() => {
  vi.useRealTimers();
});

/** An upload whose row is listed and whose next request is not answered. */
async function begun() {
  const tab = uploading(member);
  const { contentId } = await sharedBy(tab);
  const row = { ...openedOf(1, 1).row, content_id: contentId, state: 'uploading' as const };
  const page = pageOf('since', { through: 1, rows: [{ ...openedOf(1, 1), row }] });
  tab.state.dispatch({ kind: 'page', page });
  const shown = () => listContents(tab.state.model.contents);
  /** What the store does when it hears of a removal. */
  const remove = (reason: RemovalReason | null) => {
    const contentIds = [contentId];
    tab.uploads.removed(contentId, reason);
    const page = pageOf('since', { through: 2, removed: contentIds });
    if (reason === null) tab.state.dispatch({ kind: 'page', page });
    else {
      const change =
        reason === 'cleared'
          ? ({ kind: 'cleared' } as const)
          : ({ kind: 'removed', contentIds, reason } as const);
      tab.state.dispatch({ kind: 'revised', revision: 2, change });
    }
  };
  return { ...tab, contentId, shown, remove };
}

async function sharedBy({ control, uploads }: ReturnType<typeof uploading>) {
  const draft = await draftFile(new File([new Uint8Array(20_000)], 'build.tar'), 'Ada');
  uploads.start(draft, 600);
  await vi.waitFor(() => {
    expect(control.asked).toHaveLength(1);
  });
  return draft;
}

/** Let the page sleep: no time passes in it but the clock's. */
function sleep(seconds: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + seconds * 1000 });
}

describe('an upload that the server gave up', () => {
  it.each([
    [null, 1801],
    ['unfinished', 0],
  ] as const)('is sent anew without a word: %s', async (reason, seconds) => {
    const { control, contentId, state, shown, remove } = await begun();
    sleep(seconds);
    remove(reason);
    await vi.waitFor(() => {
      expect(control.asked.map(({ event }) => event)).toEqual(['content:share', 'content:share']);
    });
    expect(shown().map((content) => content.contentId)).toEqual([control.ids[1]]);
    expect(control.ids[1]).not.toBe(contentId);
    expect(control.lifetimes).toEqual([600, 600]);
    expect(state.model.departed).toBeNull();
    control.answer(BEGUN);
    control.answer(BEGUN);
    await vi.waitFor(() => {
      expect(shown()[0]?.activity.kind).toBe('idle');
    });
  });

  it('rests as new when it rested', async () => {
    const { control, contentId, uploads, shown, remove } = await begun();
    uploads.pause(contentId);
    sleep(1801);
    remove(null);
    expect(shown()).toMatchObject([{ name: 'build.tar', activity: { kind: 'paused' } }]);
    const [next] = shown();
    uploads.goOn(next?.contentId ?? '');
    await vi.waitFor(() => {
      expect(control.ids).toEqual([contentId, next?.contentId]);
    });
  });
});

describe('an upload that somebody removed', () => {
  it.each([null, 'removed', 'cleared', 'displaced'] as const)(
    'is not sent anew, says so, and can be shared again: %s',
    async (reason) => {
      const { control, contentId, uploads, shown, remove } = await begun();
      uploads.pause(contentId);
      remove(reason);
      const problem = { code: 'upload_removed' };
      expect(shown()).toMatchObject([
        { contentId, activity: { kind: 'failed', problem, again: true } },
      ]);
      expect(control.asked).toHaveLength(1);
      uploads.again(contentId);
      await vi.waitFor(() => {
        expect(control.ids).toEqual([contentId, shown()[0]?.contentId]);
      });
      expect(shown()).toMatchObject([{ name: 'build.tar', activity: { kind: 'sending' } }]);
    },
  );

  it('says so although its next request heard of it first', async () => {
    const { control, shown, remove } = await begun();
    const error = { code: 'content_not_found', message: 'Gone.', retryable: false };
    control.answer({ error });
    await vi.waitFor(() => {
      expect(shown()).toMatchObject([{ activity: { problem: { code: 'upload_removed' } } }]);
    });
    remove('removed');
    expect(shown()).toMatchObject([{ activity: { problem: { code: 'upload_removed' } } }]);
  });
});
