import { expect, it } from 'vitest';

import { draftAll, together } from './drafting';

const fileAt = (path: string) => ({ file: new File(['a'], path.split('/').at(-1) ?? ''), path });

it('makes one group of the files of a folder, as the terminal does', async () => {
  const paths = ['photos/a.txt', 'photos/sub/a.txt'];
  const chosen = together({ name: 'photos', files: paths.map(fileAt) });
  const drafts = await draftAll(chosen, 'Ada');
  const found = drafts.map((draft) => ('source' in draft ? draft.manifest : null));
  expect(found.map((manifest) => [manifest?.name, manifest?.folder?.path])).toEqual([
    ['a.txt', 'photos/a.txt'],
    ['a.txt', 'photos/sub/a.txt'],
  ]);
  const group = found[0]?.folder?.group;
  expect(group).toMatchObject({ name: 'photos', count: 2 });
  expect(group?.id).toMatch(/^[0-9a-f]{32}$/);
  expect(found[1]?.folder?.group).toEqual(group);
  expect(together({ name: 'photos', files: paths.map(fileAt) })[0]?.folder?.group.id).not.toBe(
    group?.id,
  );
});

it('refuses a folder in which there is no file', () => {
  expect(() => together({ name: 'photos', files: [] })).toThrow('no file');
});

it('shows a file whose path no manifest takes, with the others', async () => {
  const deep = `photos/${'ü'.repeat(507)}`; // 1021 bytes
  const files = [`${deep}/abc`, `${deep}/ab`, 'photos/b'].map(fileAt);
  const drafts = await draftAll(together({ name: 'photos', files }), 'Ada');
  const [long, most] = drafts;
  expect(long).toMatchObject({ activity: { kind: 'failed', problem: { code: 'path_too_long' } } });
  expect(long).toMatchObject({ folder: { group: { count: 3 } } });
  expect(most).toHaveProperty('source');
  expect(drafts).toHaveLength(3);
});
