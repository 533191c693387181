/** Folders as they are listed: what one member shared in one group, as one thing. Pure. */
import type { Group } from './grouping';
import type { Content, SessionState, Unreadable } from './model';

export interface Folder {
  /** Of its group and its sender: whoever reads the id of a group could share with it too. */
  readonly key: string;
  readonly group: Group;
  /** Those that are known here, by their paths. */
  readonly contents: readonly Content[];
  /** The first of them to be shared. */
  readonly first: Content;
}

/** What the page lists; `contentId` and `position` are those of the first that is in it. */
export type Entry = { readonly key: string; readonly mine: boolean } & Pick<
  Content,
  'contentId' | 'position'
> &
  (
    | { readonly kind: 'content'; readonly of: Content }
    | { readonly kind: 'folder'; readonly of: Folder }
    | { readonly kind: 'unreadable'; readonly of: Unreadable }
  );

/** Everything by position, a folder where its first content is. */
export function entriesOf({
  contents,
  unreadable,
}: Pick<SessionState, 'contents' | 'unreadable'>): readonly Entry[] {
  const together = new Map<string, Content[]>();
  const entries: Entry[] = [];
  for (const content of contents) {
    const { contentId, position, mine } = content;
    const place = { contentId, position, mine };
    if (content.folder === null) {
      entries.push({ ...place, key: contentId, kind: 'content', of: content });
      continue;
    }
    const { group } = content.folder;
    const key = `${group.id} ${content.senderName}`;
    const found = together.get(key);
    found?.push(content);
    if (found !== undefined) continue;
    const files = [content];
    together.set(key, files);
    const folder = { key, group, contents: files, first: content };
    entries.push({ ...place, key, kind: 'folder', of: folder });
  }
  for (const files of together.values()) sortByPath(files);
  for (const one of unreadable) {
    const { contentId, position } = one;
    entries.push({ contentId, position, key: contentId, mine: false, kind: 'unreadable', of: one });
  }
  return entries.sort((one, other) => one.position - other.position);
}

function sortByPath(files: Content[]): void {
  const paths = new Map(files.map((file) => [file, pathIn(file)]));
  const pathOf = (file: Content) => paths.get(file) ?? '';
  files.sort((one, other) => (pathOf(one) < pathOf(other) ? -1 : 1));
}

/** Where a content is below its folder, as it may be shown: its own name last. */
export function pathIn({ name, folder }: Content): string {
  return (folder?.shown ?? '') + name;
}

/** How much of a folder there is. */
export interface Tally {
  /** Files that the server has whole. */
  readonly wholeCount: number;
  /** Plain bytes of all that is known, and those of them that the server has. */
  readonly totalBytes: number;
  readonly doneBytes: number;
}

export function tallyOf({ contents }: Folder): Tally {
  const sum = (of: (content: Content) => number) =>
    contents.reduce((total, content) => total + of(content), 0);
  return {
    wholeCount: contents.filter(({ state }) => state === 'complete').length,
    totalBytes: sum(({ size, storedBytes }) => size ?? storedBytes),
    doneBytes: sum(sharedBytes),
  };
}

/** Of what this member sends the acknowledged bytes, of other contents those that arrived. */
export function sharedBytes({ state, size, mine, storedBytes, activity }: Content): number {
  if (state === 'complete') return size ?? storedBytes;
  if (!mine || !('progress' in activity)) return storedBytes;
  return activity.kind === 'reading' ? 0 : activity.progress.doneBytes;
}

/** Whether this member sends it, and it has not failed. */
export function isSent({ mine, state, activity }: Content): boolean {
  return mine && state === 'uploading' && !['failed', 'interrupted'].includes(activity.kind);
}
