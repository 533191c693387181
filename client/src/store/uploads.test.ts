import { expect, it, vi } from 'vitest';

import { listContents } from './contents';
import { type Draft, draftFile } from './drafting';
import { BEGUN, joinedMember, uploading } from './testing-uploads';

const member = await joinedMember();

function drafts(count: number): Promise<Draft[]> {
  const names = Array.from({ length: count }, (_, index) => `${String(index)}.txt`);
  return Promise.all(names.map((name) => draftFile(new File([name], name), 'Ada')));
}

it('sends many small files in their order, a few at a time', async () => {
  const { control, state, uploads } = uploading(member);
  const files = await drafts(20);
  for (const draft of files) uploads.start(draft);
  const ids = files.map(({ contentId }) => contentId);
  for (let done = 0; done < files.length; done += 1) {
    const asked = Math.min(done + 4, files.length);
    await vi.waitFor(() => {
      expect(control.ids).toEqual(ids.slice(0, asked));
    });
    control.answer(BEGUN);
  }
  await vi.waitFor(() => {
    const kinds = listContents(state.model.contents).map(({ activity }) => activity.kind);
    expect(new Set(kinds)).toEqual(new Set(['idle']));
  });
  expect(control.most).toBe(4);
});

it('keeps the order when an early file is read slowly', async () => {
  const { control, uploads } = uploading(member);
  const [slow, quick] = await drafts(2);
  if (slow === undefined || quick === undefined) throw new Error('no drafts');
  let read: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    read = resolve;
  });
  const readChunk = (index: number) => gate.then(() => slow.source.readChunk(index));
  uploads.start({ ...slow, source: { readChunk } });
  uploads.start(quick);
  await member.keys.keeper.root([]);
  expect(control.ids).toEqual([]);
  read();
  await vi.waitFor(() => {
    expect(control.ids).toEqual([slow.contentId, quick.contentId]);
  });
});

it('does not send what was stopped while it waited', async () => {
  const { control, uploads } = uploading(member);
  const files = await drafts(6);
  for (const draft of files) uploads.start(draft);
  await vi.waitFor(() => {
    expect(control.asked).toHaveLength(4);
  });
  const [first, , , , fifth, sixth] = files.map(({ contentId }) => contentId);
  expect(uploads.stop(fifth ?? '')).toBe('unheard');
  control.answer(BEGUN);
  await vi.waitFor(() => {
    expect(control.ids.at(-1)).toBe(sixth);
  });
  expect(control.ids).not.toContain(fifth);
  expect(uploads.stop(first ?? '')).toBe('nothing');
});

it('sends the files of a batch that can be sent, and names those that cannot', async () => {
  const { control, state, sharing } = uploading(member);
  const large = new File(['x'], 'disk.img');
  Object.defineProperty(large, 'size', { value: 2 ** 43 });
  const folder = new File(['x'], 'Holidays');
  folder.arrayBuffer = () => Promise.reject(new DOMException('', 'NotFoundError'));
  await sharing.share([large, new File(['hello'], 'a.txt'), folder]);
  await vi.waitFor(() => {
    expect(control.asked).toHaveLength(1);
  });
  const shown = listContents(state.model.contents).map(({ name, activity }) => [
    name,
    activity.kind === 'failed' ? activity.problem.code : activity.kind,
  ]);
  expect(shown).toHaveLength(3);
  expect(Object.fromEntries(shown)).toEqual({
    'disk.img': 'file_too_large',
    'a.txt': 'sending',
    Holidays: 'file_unreadable',
  });
});

it('forgets what was removed by somebody else before it was acknowledged', async () => {
  const { control, state, uploads } = uploading(member);
  const [draft] = await drafts(1);
  if (draft === undefined) throw new Error('no draft');
  uploads.start(draft);
  await vi.waitFor(() => {
    expect(control.asked).toHaveLength(1);
  });
  const error = { code: 'content_not_found', message: 'Gone.', retryable: false };
  control.answer({ error });
  await vi.waitFor(() => {
    expect(listContents(state.model.contents)).toEqual([]);
  });
  expect(control.asked).toHaveLength(1);
});

it('sends again what was refused, as a new content with the time that it was given', async () => {
  const { control, state, uploads } = uploading(member);
  const [draft] = await drafts(1);
  if (draft === undefined) throw new Error('no draft');
  uploads.start(draft, 600);
  await vi.waitFor(() => {
    expect(control.asked).toHaveLength(1);
  });
  const details = { limit_bytes: 100, available_bytes: 5 };
  control.answer({ error: { code: 'quota_exceeded', message: 'Full.', ...details } });
  const shown = () => listContents(state.model.contents);
  await vi.waitFor(() => {
    const problem = { code: 'quota_exceeded', limitBytes: 100, availableBytes: 5 };
    expect(shown()[0]?.activity).toMatchObject({ kind: 'failed', again: true, problem });
  });
  uploads.again(draft.contentId);
  await vi.waitFor(() => {
    expect(control.lifetimes).toEqual([600, 600]);
  });
  expect(shown()).toHaveLength(1);
  expect(shown()[0]?.contentId).not.toBe(draft.contentId);
  expect(control.ids.at(-1)).toBe(shown()[0]?.contentId);
  expect(() => {
    uploads.again(draft.contentId);
  }).toThrow('removed');
});

it('lets an upload rest, gives its turn to the next, and goes on with the same content', async () => {
  const { control, state, uploads } = uploading(member);
  const large = (name: string) => draftFile(new File([new Uint8Array(20_000)], name), 'Ada');
  const files = await Promise.all(['a', 'b', 'c'].map(large));
  const [one, two, three] = files.map(({ contentId }) => contentId);
  if (one === undefined) throw new Error('no draft');
  for (const draft of files) uploads.start(draft);
  await vi.waitFor(() => {
    expect(control.ids).toHaveLength(2);
  });
  uploads.pause(one);
  const activity = () =>
    listContents(state.model.contents).find(({ contentId }) => contentId === one)?.activity;
  expect(activity()).toMatchObject({ kind: 'paused', progress: { totalBytes: 20_000 } });
  // Its row was asked for and is answered, and nothing follows: its turn is the next one's.
  const error = { code: 'busy', message: 'Busy.', retryable: true };
  const answers = control.ids[0] === one ? [{ error }] : [BEGUN, { error }];
  for (const answer of answers) control.answer(answer);
  await vi.waitFor(() => {
    expect(control.ids).toContain(three);
  });
  expect(activity()?.kind).toBe('paused');
  expect(control.ids.filter((id) => id === one)).toHaveLength(1);
  for (let count = 0; count < 2; count += 1) control.answer(BEGUN);
  uploads.goOn(one);
  await vi.waitFor(() => {
    expect(control.ids.filter((id) => id === one)).toHaveLength(2);
  });
  control.answer(BEGUN);
  await vi.waitFor(() => {
    expect(activity()?.kind).toBe('idle');
  });
  expect(control.ids).toContain(two);
  expect(uploads.stop(one)).toBe('nothing');
});

it('shares what rests again from time to time, so that the server keeps it', async () => {
  const { control, uploads } = uploading(member);
  const draft = await draftFile(new File([new Uint8Array(20_000)], 'a'), 'Ada');
  uploads.start(draft);
  await vi.waitFor(() => {
    expect(control.ids).toHaveLength(1);
  });
  vi.useFakeTimers();
  try {
    uploads.pause(draft.contentId);
    control.answer({ error: { code: 'busy', message: 'Busy.', retryable: true } });
    for (let count = 2; count <= 5; count += 1) {
      await vi.advanceTimersByTimeAsync(5 * 60_000);
      expect(control.asked.map(({ event }) => event)).toEqual(Array(count).fill('content:share'));
      control.answer(BEGUN);
    }
    uploads.stop(draft.contentId);
    await vi.advanceTimersByTimeAsync(20 * 60_000);
    expect(control.asked).toHaveLength(5);
  } finally {
    vi.useRealTimers();
  }
});

it('goes on with what failed for a reason that passes, and removes nothing of it', async () => {
  const { control, state, uploads } = uploading(member);
  const [draft] = await drafts(1);
  if (draft === undefined) throw new Error('no draft');
  uploads.start(draft);
  await vi.waitFor(() => {
    expect(control.asked).toHaveLength(1);
  });
  control.answer({ error: { code: 'strange', message: 'Strange.', retryable: false } });
  await vi.waitFor(() => {
    const [shown] = listContents(state.model.contents);
    expect(shown?.activity).toMatchObject({ kind: 'failed', again: true });
  });
  uploads.again(draft.contentId);
  await vi.waitFor(() => {
    expect(control.ids).toEqual([draft.contentId, draft.contentId]);
  });
  expect(control.asked.map(({ event }) => event)).not.toContain('content:remove');
});

it('names what the server holds in part when all is stopped, and nothing else', async () => {
  const { control, uploads } = uploading(member);
  const large = (name: string) => draftFile(new File([new Uint8Array(20_000)], name), 'Ada');
  const others = await Promise.all(['a', 'b', 'c'].map(large));
  const files = [...(await drafts(1)), ...others];
  for (const draft of files) uploads.start(draft);
  await vi.waitFor(() => {
    expect(control.asked).toHaveLength(3);
  });
  const [, one, other] = files.map(({ contentId }) => contentId);
  expect(new Set(uploads.stopAll(false))).toEqual(new Set([one, other]));
});
