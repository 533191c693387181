/** What belongs together: the files of a folder. */
import { shownName } from '../transfer/names';

/** What was shared together: a folder, of so many files. */
export interface Group {
  /** 32 hex digits. */
  readonly id: string;
  readonly name: string;
  readonly count: number;
}

/** What a manifest holds of a folder that was shared; `path` as its sender wrote it: unsafe. */
export interface SealedFolder {
  /** The folder's name first, separated by /. */
  readonly path: string;
  readonly group: Group;
}

/** Where a file stands in a folder that was shared. */
export interface InFolder extends SealedFolder {
  /** The folders between that one and the file as they may be shown, each with its /. */
  readonly shown: string;
}

/** Make what is shown of a path once: the list asks for it whenever anything changes. */
export function inFolder({ path, group }: SealedFolder): InFolder {
  const folders = path.split('/').slice(1, -1);
  return { path, group, shown: folders.map((one) => `${shownName(one, '_')}/`).join('') };
}

/** A file that was chosen with its folder; `path` has the folder's name first. */
export interface ChosenFile {
  readonly file: File;
  readonly path: string;
}

/** A folder that was chosen, and the files in it. */
export interface ChosenFolder {
  readonly name: string;
  readonly files: readonly ChosenFile[];
}
