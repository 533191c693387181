import 'fake-indexeddb/auto';

import { IDBFactory } from 'fake-indexeddb';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import type { Content as Row } from '../protocol/generated';
import { draftFile } from './drafting';
import { manifestJson, openedOf, pageOf } from './fixtures';
import type { ChosenFile } from './grouping';
import { readManifest } from './manifest';
import { Sharing } from './sharing';
import { type Held, joinedMember, reloaded, TabLocks, uploading } from './testing-uploads';

const member = await joinedMember();
beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
});

const SHARED_AT = 1_700_000_000_000;
const GROUP = { id: '5'.repeat(32), name: 'f', count: 3 };

function fileAt(path: string, size = 100_000, lastModified = SHARED_AT - 1): ChosenFile {
  const file = new File([new Uint8Array(size)], path.slice(2), { lastModified });
  return { file, path };
}

const [A, B, C] = [fileAt('f/a'), fileAt('f/b'), fileAt('f/c')];
const FOLDER = { name: 'f', files: [A, B, C] };

/** The row of a file of the folder as the server lists it. */
function listed(number: number, path: string, row: Partial<Row> = {}, sender = 'Ada') {
  const described = { ...manifestJson(path.slice(2)), created: SHARED_AT, sender };
  const manifest = readManifest({ ...described, path, group: GROUP });
  return {
    ...openedOf(number, number, row),
    opened: { manifest, manifestRevision: 1, text: null },
  };
}

/** The page once more after it was closed over f/b; `rows` are listed. */
async function cutOff(rows: readonly ReturnType<typeof listed>[]) {
  const locks = new TabLocks();
  const before = uploading(member, true, locks);
  const draft = await draftFile(B.file, 'Ada', { path: B.path, group: GROUP });
  before.uploads.start(draft);
  await vi.waitFor(() => {
    expect(before.control.asked).toHaveLength(1);
  });
  before.unfinished.end();
  const tab = await reloaded(member, locks);
  tab.state.dispatch({ kind: 'page', page: pageOf('first', { rows }) });
  await vi.waitFor(() => {
    expect(tab.found()).toHaveLength(1);
  });
  return { ...tab, begunId: draft.contentId };
}

/** What was announced, by its path: its id and its group's. */
async function announced(control: Held, count: number) {
  await vi.waitFor(() => {
    expect(control.of('content:share')).toHaveLength(count);
  });
  const found = new Map<unknown, unknown>();
  for (const [at, id] of control.of('content:share').entries()) {
    const { manifest } = await member.keys.keeper.openManifest(id, control.manifests[at] ?? '');
    found.set(manifest['path'], [id, manifest['group']]);
  }
  return found;
}

describe('a folder that was cut off and is chosen again', () => {
  it('goes on in its group: what is there is not sent again', async () => {
    const { control, sharing, begunId, shown } = await cutOff([listed(1, 'f/a')]);
    await sharing.shareFolder(FOLDER);
    const found = await announced(control, 2);
    expect([...found.keys()].toSorted()).toEqual(['f/b', 'f/c']);
    expect(found.get('f/b')).toEqual([begunId, GROUP]);
    expect(found.get('f/c')).toEqual([expect.any(String), GROUP]);
    expect(shown()).toHaveLength(3);
  });

  it('has what changed since it was begun sent as new, in its place', async () => {
    const { control, sharing, begunId, shown } = await cutOff([listed(1, 'f/a')]);
    await sharing.shareFolder({ ...FOLDER, files: [A, fileAt('f/b', 90_000), C] });
    const found = await announced(control, 2);
    expect(found.get('f/b')).toEqual([expect.not.stringContaining(begunId), GROUP]);
    expect(shown()).toHaveLength(3);
  });

  it('asks what is there among the contents that were not listed yet', async () => {
    const { control, state, uploads } = await cutOff([listed(9, 'f/c')]);
    const page = pageOf('first', { rows: [listed(9, 'f/c')], more: true });
    state.dispatch({ kind: 'page', page });
    const older = pageOf({ before: 9 }, { rows: [listed(1, 'f/a')] });
    const sharing = new Sharing(state, uploads, () => {
      state.dispatch({ kind: 'page', page: older });
      return Promise.resolve();
    });
    await sharing.shareFolder(FOLDER);
    expect([...(await announced(control, 1)).keys()]).toEqual(['f/b']);
  });

  it('takes the place of what could not be sent', async () => {
    const { sharing, state, shown } = await cutOff([]);
    const unreadable = new File([], 'c');
    unreadable.arrayBuffer = () => Promise.reject(new DOMException('', 'NotFoundError'));
    await sharing.shareFolder({ ...FOLDER, files: [A, B, { file: unreadable, path: 'f/c' }] });
    for (const { contentId, name } of shown()) {
      if (name !== 'c') state.dispatch({ kind: 'dropped', contentId });
    }
    expect(shown().map(({ activity }) => activity.kind)).toEqual(['failed']);
    await sharing.shareFolder(FOLDER);
    const again = shown().filter(({ name }) => name === 'c');
    expect(again.map(({ activity, folder }) => [activity.kind, folder?.group])).toEqual([
      ['idle', GROUP],
    ]);
  });

  it.each([
    ['another size', [listed(1, 'f/a')], [fileAt('f/a', 90_000), ...FOLDER.files.slice(1)]],
    [
      'a later change',
      [listed(1, 'f/a')],
      [fileAt('f/a', 100_000, SHARED_AT + 1), ...FOLDER.files.slice(1)],
    ],
    ['other files', [listed(1, 'f/x')], FOLDER.files],
    ['fewer files', [listed(1, 'f/a')], FOLDER.files.slice(0, 2)],
    [
      'all that is there',
      ['f/a', 'f/b', 'f/c'].map((path, at) => listed(at + 1, path)),
      FOLDER.files,
    ],
    ['one on its way', [listed(1, 'f/a', { state: 'uploading' })], FOLDER.files],
    ["another's files", [listed(1, 'f/a', {}, 'Ben')], FOLDER.files],
  ])('is another folder with %s', async (_what, rows, files) => {
    const { control, state, sharing } = uploading(member);
    state.dispatch({ kind: 'page', page: pageOf('first', { rows }) });
    await sharing.shareFolder({ ...FOLDER, files });
    await vi.waitFor(() => {
      expect(control.ids).toHaveLength(Math.min(2, files.length));
    });
    const drafts = [...state.model.contents.items.values()].flatMap((item) =>
      item.kind === 'content' && item.source === null ? [item.content] : [],
    );
    expect(drafts).toHaveLength(files.length);
    expect(drafts.map(({ folder }) => folder?.group.id)).not.toContain(GROUP.id);
  });
});

it('shows the files of a folder together, and cuts no piece out of a small one', async () => {
  const { state, sharing } = uploading(member);
  const dispatch = vi.spyOn(state, 'dispatch');
  const small = { file: new File(['x'], 'd'), path: 'f/d' };
  const slice = vi.spyOn(small.file, 'slice');
  await sharing.shareFolder({ ...FOLDER, files: [...FOLDER.files, small] });
  const shown = dispatch.mock.calls.filter(([{ kind }]) => kind === 'drafts');
  expect(shown).toMatchObject([[{ drafts: { length: 4 } }]]);
  expect(slice).not.toHaveBeenCalled();
});
