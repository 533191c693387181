/** For tests: a drag of files and folders, as browsers hand it to the handler of a drop. */

import type { FileEntry, FolderEntry } from './chosen';

/** Files by their text, folders by what is in them; null for a file that cannot be read. */
export interface Tree {
  readonly [name: string]: string | null | Tree;
}

/** A folder whose listing fails. */
const LOCKED = 'locked folder';
/** Chromium gives at most so many entries at once, others all of them. */
const PART_COUNT = 100;

function readerOf(
  folder: Tree[string],
  path: string,
  partCount: number,
): ReturnType<FolderEntry['createReader']> {
  const inside = typeof folder === 'string' ? {} : folder;
  const entries = Object.entries(inside ?? {}).map(([name, one]) =>
    entryOf(name, one, `${path}/${name}`, partCount),
  );
  return {
    readEntries: (resolve, reject) => {
      if (folder === LOCKED) reject(new DOMException('no', 'NotReadableError'));
      else resolve(entries.splice(0, partCount));
    },
  };
}

function entryOf(
  name: string,
  found: Tree[string],
  fullPath: string,
  partCount: number,
): FileEntry & FolderEntry {
  const isDirectory = found === LOCKED || (typeof found === 'object' && found !== null);
  const about = { name, fullPath, isDirectory, isFile: !isDirectory };
  return {
    ...about,
    createReader: () => readerOf(found, fullPath, partCount),
    file: (resolve: (file: File) => void, reject: (reason: Error) => void) => {
      if (typeof found !== 'string') reject(new DOMException('no', 'NotFoundError'));
      else resolve(new File([found], name));
    },
  };
}

/** The data of a drop; after `expire` it is empty, as after the handler of the drop. */
export function dataOf(tree: Tree, partCount = PART_COUNT) {
  let isOver = false;
  const items = Object.entries(tree).map(([name, found]) => ({
    kind: 'file',
    webkitGetAsEntry: () => (isOver ? null : entryOf(name, found, `/${name}`, partCount)),
    getAsFile: () => (isOver ? null : new File([typeof found === 'string' ? found : ''], name)),
  }));
  return { data: { types: ['Files'], items }, expire: () => void (isOver = true) };
}
