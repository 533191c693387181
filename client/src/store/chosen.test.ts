// @vitest-environment jsdom
import { describe, expect, it } from 'vitest';

import { takeDropped, takePicked } from './chosen';
import { dataOf, type Tree } from './testing-dropped';

function pathsOf({ files }: { readonly files: readonly { readonly path: string }[] }) {
  return files.map(({ path }) => path);
}

describe('what is dropped', () => {
  it('is taken at once, files by themselves and folders with all that is in them', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 250 }, (_, nth) => [`${String(nth).padStart(3, '0')}.txt`, 'x']),
    );
    const tree: Tree = {
      'a.txt': 'a',
      photos: { 'z.jpg': 'z', sub: { 'b.jpg': 'b', deep: { 'c.jpg': 'c' } } },
      many,
    };
    const { data, expire } = dataOf(tree);
    const taking = takeDropped(data);
    expire();
    const { files, folders, leftOut } = await taking;
    expect(files.map(({ name }) => name)).toEqual(['a.txt']);
    expect(folders.map(({ name }) => name)).toEqual(['photos', 'many']);
    expect(folders.map(pathsOf)).toEqual([
      ['photos/sub/b.jpg', 'photos/sub/deep/c.jpg', 'photos/z.jpg'],
      Object.keys(many).map((name) => `many/${name}`),
    ]);
    expect(await folders[0]?.files[0]?.file.text()).toBe('b');
    expect(leftOut).toEqual([]);
  });

  it('tells what is left out: empty folders, and what cannot be read', async () => {
    const tree: Tree = {
      photos: { 'a.jpg': 'a', gone: null, locked: 'locked folder', empty: {} },
      nothing: {},
    };
    const { folders, leftOut } = await takeDropped(dataOf(tree).data);
    expect(folders.map(pathsOf)).toEqual([['photos/a.jpg'], []]);
    expect(leftOut).toEqual(['photos/empty', 'photos/gone', 'photos/locked']);
  });

  it('is refused where it is more than a page can show', async () => {
    const many = Object.fromEntries(Array.from({ length: 5_001 }, (_, nth) => [String(nth), 'x']));
    const refused = { code: 'folder_too_many' };
    await expect(takeDropped(dataOf({ many }).data)).rejects.toMatchObject(refused);
  });

  it.each([
    ['at once', 200_000, 1],
    ['in folders of folders', 101, 200],
  ])('is refused, and not called empty, where it is far more %s', async (_, some, others) => {
    const names = (count: number) => Array.from({ length: count }, (__, nth) => String(nth));
    const inner = Object.fromEntries(names(some).map((name) => [name, {}]));
    const many = Object.fromEntries(names(others).map((name) => [name, inner]));
    const refused = { code: 'folder_too_many' };
    const dropped = dataOf({ many }, Infinity).data;
    await expect(takeDropped(dropped)).rejects.toMatchObject(refused);
  });
});

describe('a folder that is picked', () => {
  const fileAt = (path: string) =>
    Object.defineProperty(new File(['a'], path.split('/').at(-1) ?? ''), 'webkitRelativePath', {
      value: path,
    });

  it('has the name and the paths that the picker gives', () => {
    const picked = takePicked(['photos/b.jpg', 'photos/a/c.jpg'].map(fileAt));
    expect(picked.folders.map(({ name }) => name)).toEqual(['photos']);
    expect(picked.folders.map(pathsOf)).toEqual([['photos/a/c.jpg', 'photos/b.jpg']]);
    expect(takePicked([]).folders).toEqual([{ name: 'folder', files: [] }]);
  });

  it('is refused where it is more than a page can show', () => {
    const files = Array.from({ length: 5_001 }, () => fileAt('photos/a'));
    expect(() => takePicked(files)).toThrow('5,000');
  });
});
