import { describe, expect, it, vi } from 'vitest';

import { listContents } from './contents';
import { type Draft, draftFile, draftText } from './drafting';
import { joinedMember, uploading } from './testing-uploads';

const member = await joinedMember();

describe('equal files', () => {
  const file = (name = 'a.bin', bytes = 65_536) =>
    draftFile(new File([new Uint8Array(bytes).fill(5)], name), 'Ada');

  /** Start drafts; gives their blob ids once all have asked. */
  async function blobIdsOf(drafted: readonly Draft[], deduplicates?: boolean) {
    const { control, uploads } = uploading(member, deduplicates);
    for (const draft of drafted) uploads.start(draft);
    await vi.waitFor(
      () => {
        expect(control.blobIds).toHaveLength(drafted.length);
      },
      { timeout: 10_000 },
    );
    uploads.stopAll(false);
    return control.blobIds;
  }

  it('are one blob, which is neither of their ids', async () => {
    const drafted = [await file(), await file('b.bin')];
    const [one, other] = await blobIdsOf(drafted);
    expect(one).toBe(other);
    expect(drafted.map(({ contentId }) => contentId)).not.toContain(one);
  });

  it('are apart where the session wants it, and small ones and texts always', async () => {
    const large = await file();
    expect(await blobIdsOf([large], false)).toEqual([large.contentId]);
    const own = [await file('a.bin', 60_000), draftText('a'.repeat(100_000), 'Ada')];
    expect(new Set(await blobIdsOf(own))).toEqual(new Set(own.map(({ contentId }) => contentId)));
  });

  it.each(['content_conflict', 'chunk_conflict'])(
    'are sent under keys of their own when other bytes are in their place (%s)',
    async (code) => {
      const { control, state, uploads } = uploading(member);
      const draft = await file();
      uploads.start(draft, 600);
      await vi.waitFor(() => {
        expect(control.asked).toHaveLength(1);
      });
      control.answer({ error: { code, message: 'Other bytes.', retryable: false } });
      await vi.waitFor(() => {
        expect(control.asked.map(({ event }) => event)).toContain('content:share');
        expect(control.blobIds).toHaveLength(2);
      });
      const [shown, ...others] = listContents(state.model.contents);
      expect(others).toEqual([]);
      expect(shown?.contentId).not.toBe(draft.contentId);
      expect(control.blobIds[1]).toBe(shown?.contentId);
      expect(shown?.activity.kind).toBe('sending');
      uploads.stopAll(false);
    },
  );

  it('that change between their readings are not sent', async () => {
    const { control, state, uploads } = uploading(member);
    const draft = await file();
    let reads = 0;
    const readChunk = async (index: number) => {
      const piece = await draft.source.readChunk(index);
      return (reads += 1) === 1 ? piece : piece.fill(6);
    };
    uploads.start({ ...draft, source: { readChunk } });
    await vi.waitFor(() => {
      expect(control.asked).toHaveLength(1);
    });
    control.answer({ result: { revision: 1, state: 'uploading', missing: [[0, 0]] } });
    await vi.waitFor(() => {
      const [shown] = listContents(state.model.contents);
      const problem = { code: 'file_changed' };
      expect(shown?.activity).toMatchObject({ kind: 'failed', again: false, problem });
    });
  });
});
