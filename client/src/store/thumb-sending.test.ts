import 'fake-indexeddb/auto';

import { IDBFactory } from 'fake-indexeddb';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { base64url } from '../crypto/bytes';
import { listContents } from './contents';
import { type Draft, draftFile } from './drafting';
import { readManifest } from './manifest';
import { joinedMember, TabLocks, uploading } from './testing-uploads';

const member = await joinedMember();
beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
});

const PNG = Uint8Array.from('\u0089PNG\r\n\u001a\n', (one) => one.charCodeAt(0));
const THUMB = { width: 400, height: 300, data: base64url(PNG) };

function pictureOf(size: number): File {
  const bytes = new Uint8Array(size).fill(7);
  bytes.set(PNG);
  return new File([bytes], 'evening.png', { lastModified: 1_700_000_000_000 });
}

/** A draft of a picture in a browser that makes `thumb` of it. */
async function drafted(size: number, thumb: typeof THUMB | null): Promise<Draft> {
  return { ...(await draftFile(pictureOf(size), 'Ada')), thumb: () => Promise.resolve(thumb) };
}

/** The first manifest that a tab sent. */
async function sealedBy({ control }: ReturnType<typeof uploading>) {
  await vi.waitFor(() => {
    expect(control.manifests).not.toHaveLength(0);
  });
  const [contentId = '', sealed = ''] = [control.ids[0], control.manifests[0]];
  const { manifest } = await member.keys.keeper.openManifest(contentId, sealed);
  return readManifest(manifest);
}

describe('the thumbnail of a picture', () => {
  it('is in the first manifest, and changes nothing of its blob', async () => {
    const tabs = [uploading(member), uploading(member)] as const;
    const thumbs = [THUMB, null];
    const found = [];
    for (const [at, tab] of tabs.entries()) {
      tab.uploads.start(await drafted(70_000, thumbs[at] ?? null));
      found.push((await sealedBy(tab)).thumb);
      tab.uploads.stopAll(false);
    }
    expect(found).toEqual([expect.objectContaining({ width: 400, height: 300 }), null]);
    expect(tabs[0].control.blobIds).toEqual(tabs[1].control.blobIds);
  });

  it('is not made of one that is in its row as it is', async () => {
    const tab = uploading(member);
    const thumb = vi.fn(() => Promise.resolve(THUMB));
    tab.uploads.start({ ...(await drafted(900, null)), thumb });
    expect(await sealedBy(tab)).toMatchObject({ kind: 'picture', thumb: null });
    expect(thumb).not.toHaveBeenCalled();
  });

  it('is kept with an upload that the page is closed over', async () => {
    const locks = new TabLocks();
    const tab = uploading(member, true, locks);
    tab.uploads.start(await drafted(20_000, THUMB));
    await sealedBy(tab);
    tab.unfinished.end();
    const later = uploading(member, true, locks);
    await later.uploads.interrupted.recall();
    await vi.waitFor(() => {
      expect(listContents(later.state.model.contents)).toHaveLength(1);
    });
    expect(listContents(later.state.model.contents)[0]?.thumb).toMatchObject({ width: 400 });
    await later.uploads.interrupted.resume([pictureOf(20_000)], null);
    expect((await sealedBy(later)).thumb).toMatchObject({ width: 400, height: 300 });
    later.uploads.stopAll(false);
  });

  it('is none where the browser draws none', async () => {
    expect(await (await draftFile(pictureOf(20_000), 'Ada')).thumb()).toBeNull();
  });
});
