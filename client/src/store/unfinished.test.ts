import 'fake-indexeddb/auto';

import { IDBFactory } from 'fake-indexeddb';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { type Draft, draftFile } from './drafting';
import { joinedKeys } from './testing';
import { BEGUN, joinedMember, reloaded, TabLocks, uploading } from './testing-uploads';
import { type Found, Unfinished } from './unfinished';

const member = await joinedMember();
beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
});

const NAME = 'inheritance-plan.bin';
const CHANGED_AT = 1_700_000_000_000;

function fileOf(name = NAME, lastModified = CHANGED_AT, size = 20_000): File {
  return new File([new Uint8Array(size).fill(7)], name, { lastModified });
}

/** A tab in which an upload has begun; its page can be closed over it. */
async function begun(locks = new TabLocks(), deduplicates = true) {
  const tab = uploading(member, deduplicates, locks);
  const draft: Draft = await draftFile(fileOf(), 'Ada');
  tab.uploads.start(draft);
  await vi.waitFor(() => {
    expect(tab.control.asked).toHaveLength(1);
  });
  return { ...tab, draft, locks };
}

async function everythingKept(): Promise<string> {
  const databases = await indexedDB.databases();
  const parts: string[] = [];
  for (const { name = '' } of databases) {
    const database = await new Promise<IDBDatabase>((resolve) => {
      const asked = indexedDB.open(name);
      asked.onsuccess = () => resolve(asked.result);
    });
    for (const store of database.objectStoreNames) {
      const all = database.transaction(store).objectStore(store);
      for (const asked of [all.getAllKeys(), all.getAll()]) {
        await new Promise((resolve) => (asked.onsuccess = resolve));
        const texts = JSON.stringify(asked.result, (_, value: unknown) =>
          value instanceof Uint8Array ? new TextDecoder('latin1').decode(value) : value,
        );
        parts.push(texts);
      }
    }
    database.close();
  }
  return parts.join();
}

describe('an upload that the page was closed over', () => {
  it('is shown again, and goes on with the same file under the same row', async () => {
    const { unfinished, draft, locks } = await begun();
    unfinished.end();
    const { uploads, control, found } = await reloaded(member, locks);
    await vi.waitFor(() => {
      expect(found()).toHaveLength(1);
    });
    expect(found()[0]).toMatchObject({ contentId: draft.contentId, name: NAME, mine: true });
    await uploads.interrupted.resume([fileOf()], draft.contentId);
    await vi.waitFor(() => {
      expect(control.ids).toEqual([draft.contentId]);
    });
    control.answer(BEGUN);
    await vi.waitFor(async () => {
      expect(await everythingKept()).not.toMatch(/[0-9a-f]{32}/);
    });
  });

  it('goes on too when its file is dropped among others', async () => {
    const { unfinished, draft, locks } = await begun();
    unfinished.end();
    const { sharing, control, found } = await reloaded(member, locks);
    await vi.waitFor(() => {
      expect(found()).toHaveLength(1);
    });
    await sharing.share([fileOf(), fileOf('other.bin')]);
    await vi.waitFor(() => {
      expect(control.ids).toHaveLength(2);
    });
    expect(control.ids.filter((id) => id === draft.contentId)).toHaveLength(1);
  });

  it('refuses another file, and sends one that changed as new', async () => {
    const { unfinished, draft, locks } = await begun();
    unfinished.end();
    const { uploads, control, shown, found } = await reloaded(member, locks);
    await vi.waitFor(() => {
      expect(found()).toHaveLength(1);
    });
    await expect(
      uploads.interrupted.resume([fileOf('other.bin', 5)], draft.contentId),
    ).rejects.toThrow('another file');
    expect(found()).toHaveLength(1);
    await uploads.interrupted.resume([fileOf(NAME, 5)], draft.contentId);
    await vi.waitFor(() => {
      expect(control.of('content:share')).toHaveLength(1);
    });
    expect(control.of('content:share')).not.toContain(draft.contentId);
    expect(shown()).toHaveLength(1);
  });

  it('is sent as new when the server has given it up', async () => {
    const { unfinished, draft, locks } = await begun();
    unfinished.end();
    const { uploads, control, shown, found } = await reloaded(member, locks);
    await vi.waitFor(() => {
      expect(found()).toHaveLength(1);
    });
    await uploads.interrupted.resume([fileOf()], null);
    await vi.waitFor(() => {
      expect(control.ids).toEqual([draft.contentId]);
    });
    control.answer({ error: { code: 'content_not_found', message: 'Gone.', retryable: false } });
    await vi.waitFor(() => {
      expect(control.ids).toHaveLength(2);
    });
    expect(shown().map(({ contentId }) => contentId)).toEqual([control.ids[1]]);
  });

  it("is another tab's as long as that one lives", async () => {
    const { unfinished, locks } = await begun();
    const { found } = await reloaded(member, locks);
    expect(found()).toEqual([]);
    unfinished.end();
    await vi.waitFor(() => {
      expect(found()).toHaveLength(1);
    });
  });

  it.each(['completed', 'cancelled', 'left'])('is forgotten when it was %s', async (end) => {
    const { control, uploads, unfinished, draft, locks } = await begun();
    expect(await everythingKept()).toMatch(/[0-9a-f]{32}/);
    if (end === 'completed') control.answer(BEGUN);
    else if (end === 'cancelled') uploads.stop(draft.contentId);
    else uploads.stopAll(false);
    await vi.waitFor(async () => {
      expect(await everythingKept()).not.toMatch(/[0-9a-f]{32}/);
    });
    unfinished.end();
    expect((await reloaded(member, locks)).found()).toEqual([]);
  });

  it('is kept when the session ends for another reason than leaving', async () => {
    const { uploads, locks } = await begun();
    uploads.stopAll(true);
    const { found } = await reloaded(member, locks);
    await vi.waitFor(() => {
      expect(found()).toHaveLength(1);
    });
  });
});

it('nothing of an upload can be read where it is kept', async () => {
  const { draft } = await begun();
  const kept = await everythingKept();
  expect(kept).toMatch(/[0-9a-f]{32}/);
  for (const secret of [NAME, 'inheritance', 'Ada', draft.contentId, member.sessionId]) {
    expect(kept).not.toContain(secret);
  }
});

it('gives the digests of chunks that were sealed for good, to the same session alone', async () => {
  const { unfinished, draft, locks } = await begun(new TabLocks(), false);
  const digests = [7, 8].map((byte) => ({
    sealed: new Uint8Array(32).fill(byte),
    plain: new Uint8Array(32).fill(byte + 10),
  }));
  for (const [index, both] of digests.entries()) {
    await unfinished.keepDigests(draft.contentId, index + 10, both);
  }
  unfinished.end();
  const founds: Found[] = [];
  const stranger = await joinedKeys();
  await new Unfinished(stranger.keys, locks).recall((found) => void founds.push(found));
  stranger.keys.close();
  expect(founds).toEqual([]);
  await new Unfinished(member.keys, locks).recall((found) => void founds.push(found));
  await vi.waitFor(() => {
    expect(founds).toHaveLength(1);
  });
  expect([...(founds[0]?.digests ?? [])]).toEqual(
    digests.map((digest, index) => [index + 10, digest]),
  );
});

it('lets go what nobody came back for in a week', async () => {
  const { unfinished, locks } = await begun();
  unfinished.end();
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 8 * 24 * 3600 * 1000 });
  try {
    const { found } = await reloaded(member, locks);
    expect(found()).toEqual([]);
    expect(await everythingKept()).not.toMatch(/[0-9a-f]{32}/);
  } finally {
    vi.useRealTimers();
  }
});
