/** What belongs together: the files of a folder. */

/** What was shared together: a folder, of so many files. */
export interface Group {
  /** 32 hex digits. */
  readonly id: string;
  readonly name: string;
  readonly count: number;
}

/** Where a file stands in a folder that was shared; `path` as its sender wrote it: unsafe. */
export interface InFolder {
  /** The folder's name first, separated by /. */
  readonly path: string;
  readonly group: Group;
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
