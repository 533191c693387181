/** Folders that a member began to share and chooses again: what of one is there. Pure. */
import { entriesOf } from './folders';
import type { ChosenFolder, Group } from './grouping';
import type { Content, SessionState } from './model';

export interface Begun {
  readonly group: Group;
  /** The paths of the files that the server has whole. */
  readonly whole: ReadonlySet<string>;
  /** Ids of those that could not be sent in this page's life. */
  readonly failed: readonly string[];
}

/**
 * Find the group in which this member's earlier share of a folder ended before all of it was there;
 * null for a folder of other files, or when one that is there has changed, or is just being sent.
 */
export function begunOf(
  { contents, memberName }: Pick<SessionState, 'contents' | 'memberName'>,
  { files }: ChosenFolder,
): Begun | null {
  const chosen = new Map(files.map(({ path, file }) => [path, file]));
  for (const entry of entriesOf({ contents, unreadable: [] })) {
    if (entry.kind !== 'folder') continue;
    const { group, first, contents: known } = entry.of;
    if (first.senderName !== memberName || group.count !== files.length) continue;
    if (!known.every((content) => isOf(content, chosen.get(pathOf(content))))) continue;
    const whole = new Set(known.filter(({ state }) => state === 'complete').map(pathOf));
    const failed = known.filter(hasFailed).map(({ contentId }) => contentId);
    if (whole.size < group.count) return { group, whole, failed };
  }
  return null;
}

function pathOf({ folder, name }: Content): string {
  return folder?.path ?? name;
}

function isOf({ state, size, createdAt, ...content }: Content, file: File | undefined): boolean {
  if (file === undefined) return false;
  if (state === 'complete') return size === file.size && file.lastModified <= createdAt;
  const { activity, waits } = content;
  return state === 'damaged' || waits || ['failed', 'interrupted'].includes(activity.kind);
}

/** A damaged content, or one that is whole, may have failed to be saved. */
function hasFailed({ state, mine, activity }: Content): boolean {
  return state === 'uploading' && mine && activity.kind === 'failed';
}
