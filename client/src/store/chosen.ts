/** What a member chose or dropped: single files, and folders with all that is in them. */
import { ownProblem } from '../protocol/errors';
import type { ChosenFile, ChosenFolder } from './grouping';

/** More are for the terminal: each is a content of its own, which the page shows. */
const FILES_MAX = 5_000;
/** Files and folders of a folder that are looked at: what is left out of it counts too. */
const ENTRIES_MAX = 4 * FILES_MAX;
const NAMELESS = 'folder';

/** What is used of a browser's entries (File and Directory Entries API). */
type Entry = Pick<FileSystemEntry, 'name' | 'fullPath' | 'isDirectory' | 'isFile'>;
export type FileEntry = Entry & Pick<FileSystemFileEntry, 'file'>;

export interface FolderEntry extends Entry {
  readonly createReader: () => {
    readonly readEntries: (
      resolve: (entries: readonly Entry[]) => void,
      reject: (reason: Error) => void,
    ) => void;
  };
}

/** One thing that is dropped. */
interface DroppedItem extends Pick<DataTransferItem, 'kind' | 'getAsFile'> {
  readonly webkitGetAsEntry: () => Entry | null;
}

export interface Chosen {
  readonly files: readonly File[];
  readonly folders: readonly ChosenFolder[];
  /** Paths of what cannot be shared: folders that are empty, and what cannot be read. */
  readonly leftOut: readonly string[];
}

/**
 * Take what was dropped. Call it in the handler of the drop itself: afterwards nothing of it is to
 * be had. Rejects with `folder_too_many`.
 */
export async function takeDropped({
  items,
}: {
  readonly items: Iterable<DroppedItem>;
}): Promise<Chosen> {
  const taken = [...items]
    .filter(({ kind }) => kind === 'file')
    .map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
  const files: File[] = [];
  const folders: ChosenFolder[] = [];
  const leftOut: string[] = [];
  for (const { entry, file } of taken) {
    if (entry !== null && isFolder(entry)) folders.push(await walk(entry, leftOut));
    else if (file !== null) files.push(file);
  }
  return { files, folders, leftOut: leftOut.toSorted() };
}

/** Take the files of a folder as a picker gives them. Throws `folder_too_many`. */
export function takePicked(files: readonly File[]): Chosen {
  const found = files.map((file) => ({ file, path: file.webkitRelativePath || file.name }));
  const name = found[0]?.path.split('/')[0] ?? NAMELESS;
  return { files: [], folders: [{ name, files: sorted(found) }], leftOut: [] };
}

function isFolder(entry: Entry): entry is FolderEntry {
  return entry.isDirectory;
}

function isFile(entry: Entry): entry is FileEntry {
  return entry.isFile;
}

/** Look through a folder; what is left out of it is added to `leftOut`. */
async function walk(root: FolderEntry, leftOut: string[]): Promise<ChosenFolder> {
  const found: ChosenFile[] = [];
  const waiting = [root];
  let seenCount = 0;
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
    const entries = await entriesOf(place);
    seenCount += entries.length;
    if (seenCount > ENTRIES_MAX) throw ownProblem('folder_too_many');
    if (entries.length === 0 && place !== root) leftOut.push(pathOf(place));
    for (const entry of entries) {
      if (isFolder(entry)) waiting.push(entry);
      if (!isFile(entry)) continue;
      const path = pathOf(entry);
      const file = await fileOf(entry).catch(() => null);
      if (file === null) leftOut.push(path);
      else found.push({ file, path });
      if (found.length > FILES_MAX) throw ownProblem('folder_too_many');
    }
  }
  return { name: root.name || NAMELESS, files: sorted(found) };
}

/**
 * All that is in a folder: readers give a part at a time, and nothing when that was all. One that
 * cannot be read has nothing. Rejects with `folder_too_many`.
 */
async function entriesOf(folder: FolderEntry): Promise<readonly Entry[]> {
  const reader = folder.createReader();
  const all: Entry[] = [];
  for (;;) {
    const some = await new Promise<readonly Entry[] | null>((resolve) => {
      reader.readEntries(resolve, () => {
        resolve(null);
      });
    });
    if (some === null) return [];
    if (some.length === 0) return all;
    if (all.length + some.length > ENTRIES_MAX) throw ownProblem('folder_too_many');
    all.push(...some);
  }
}

function fileOf(entry: FileEntry): Promise<File> {
  return new Promise((resolve, reject) => {
    entry.file(resolve, reject);
  });
}

function pathOf({ fullPath }: Entry): string {
  return fullPath.replace(/^\//, '');
}

/** By their paths, so that the same folder is always sent in the same order. */
function sorted(files: readonly ChosenFile[]): readonly ChosenFile[] {
  if (files.length > FILES_MAX) throw ownProblem('folder_too_many');
  return files.toSorted((one, other) => (one.path < other.path ? -1 : 1));
}
