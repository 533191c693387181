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
