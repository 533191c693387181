import { afterEach, expect, it, vi } from 'vitest';

import { draftFile } from './drafting';
import { Keeping } from './keeping';
import { sealShare } from './sealing';
import { BEGUN, joinedMember, uploading } from './testing-uploads';
import type { Resumed } from './unfinished';

const member = await joinedMember();
afterEach(() => {
  vi.useRealTimers();
});

/** Two uploads that have their turn and do not end, and the draft of a third. */
async function busy() {
  const tab = uploading(member);
  const large = (name: string) => draftFile(new File([new Uint8Array(20_000)], name), 'Ada');
  const [one, two, three] = await Promise.all([large('a'), large('b'), large('c')]);
  const heard = (contentId: string, count: number) =>
    vi.waitFor(() => {
      expect(tab.control.ids.filter((id) => id === contentId)).toHaveLength(count);
    });
  return { ...tab, one, two, three, heard };
}

it('goes on for what waits for its turn, until it has it', async () => {
  const { control, uploads, one, two, three, heard } = await busy();
  uploads.start(one);
  await heard(one.contentId, 1);
  vi.useFakeTimers();
  uploads.pause(one.contentId);
  control.answer({ error: { code: 'busy', message: 'Busy.', retryable: true } });
  for (const draft of [two, three]) {
    uploads.start(draft);
    await heard(draft.contentId, 1);
  }
  uploads.goOn(one.contentId);
  for (let count = 2; count <= 7; count += 1) {
    await vi.advanceTimersByTimeAsync(5 * 60_000);
    await heard(one.contentId, count);
    control.answer(BEGUN, one.contentId);
  }
  control.answer(BEGUN, two.contentId);
  await heard(one.contentId, 8);
  await vi.advanceTimersByTimeAsync(5 * 60_000);
  await heard(one.contentId, 8);
});

it('begins soon for what an earlier life of the page began and that waits for its turn', async () => {
  const { uploads, one, two, three, heard } = await busy();
  for (const draft of [one, two]) {
    uploads.start(draft);
    await heard(draft.contentId, 1);
  }
  const made = await member.keys.keeper.newContent(three.contentId);
  const { contentId, manifest } = three;
  const about = { contentId, ...made, isEqual: false, lifetimeSeconds: null, modifiedAt: 5 };
  const file = new File([new Uint8Array(20_000)], 'c');
  const found: Resumed = { recalled: { ...about, manifest }, digests: new Map(), file };
  uploads.start(three, null, found);
  await vi.waitFor(() => heard(contentId, 1), { timeout: 5_000 });
});

/** What is let heard of a third upload, as a server says that it gives up after `keptSeconds`. */
async function kept(keptSeconds: number, joined?: Promise<void>) {
  const { control, lines, three } = await busy();
  const row = async () => {
    const made = await member.keys.keeper.newContent(three.contentId);
    return sealShare(three, member.keys, made, null);
  };
  const later = { ...lines, joined: async () => joined?.then(lines.joined) ?? lines.joined() };
  vi.useFakeTimers();
  const keeping = new Keeping({ lines: later, keptSeconds, row }, Date.now());
  keeping.begin();
  return { control, keeping };
}

it('waits for a connection', async () => {
  let join: () => void = () => undefined;
  const online = new Promise<void>((resolve) => (join = resolve));
  const { control, keeping } = await kept(1800, online);
  await vi.advanceTimersByTimeAsync(29 * 60_000);
  expect(control.asked).toEqual([]);
  expect(keeping.isGivenUp).toBe(false);
  join();
  vi.useRealTimers();
  await vi.waitFor(() => {
    expect(control.asked).toHaveLength(1);
  });
  control.answer(BEGUN);
  keeping.end();
});

it.each([0, -1, 1e9])('asks at a bearable pace of a server that says %d s', async (keptSeconds) => {
  const { control, keeping } = await kept(keptSeconds);
  await vi.advanceTimersByTimeAsync(200);
  expect(control.asked).toEqual([]);
  keeping.end();
});
