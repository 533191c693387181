/**
 * The contents of a session, changed by pure functions: rows from pages and announcements may
 * come twice, late and in any order; the higher revision wins, and removed stays removed.
 */
import { ownProblem } from '../protocol/errors';
import { LIMITS, type Content as Row } from '../protocol/generated';
import type { Manifest } from './manifest';
import type { Activity, Content, Problem, Progress, Unreadable } from './model';
import { problemView } from './problem';

/** What opening a row gave. */
export type Opened =
  | { readonly manifest: Manifest; readonly manifestRevision: number; readonly text: string | null }
  | { readonly problem: Problem };

/** A row as it came, and what opening it gave. */
export interface OpenedRow {
  readonly row: Row;
  readonly opened: Opened;
}

/** One content as the pages see it; a draft of this member has no row yet. */
export type Item =
  | { readonly kind: 'content'; readonly content: Content; readonly source: OpenedRow | null }
  | { readonly kind: 'unreadable'; readonly unreadable: Unreadable };

export interface Contents {
  readonly items: ReadonlyMap<string, Item>;
  /** Ids that were removed: a late page does not bring them back. */
  readonly removed: ReadonlySet<string>;
  /** The highest manifest revision seen of each content; a listing anew does not take it back. */
  readonly manifests: ReadonlyMap<string, number>;
  /** What this browser does with contents; kept apart, because rows come and go under it. */
  readonly activities: ReadonlyMap<string, Activity>;
  /** Contents that this member shared in this page's life. */
  readonly mine: ReadonlySet<string>;
  readonly hasOlder: boolean;
  /** The position down to which the listing is whole: older contents are before it. */
  readonly oldest: number | null;
}

export const NO_CONTENTS: Contents = {
  items: new Map(),
  removed: new Set(),
  manifests: new Map(),
  activities: new Map(),
  mine: new Set(),
  hasOlder: false,
  oldest: null,
};

/** Behind everything that the server has placed. */
export const DRAFT_POSITION = Number.MAX_SAFE_INTEGER;
const IDLE: Activity = { kind: 'idle' };

function revisionOf(item: Item): number {
  return item.kind === 'content' ? item.content.revision : item.unreadable.revision;
}

/** Plain bytes in the chunks that the server holds; padding does not count. */
export function storedPlainBytes(count: number, bytes: number, size: number | null): number {
  const plain = Math.max(0, bytes - count * LIMITS.CHUNK_OVERHEAD_BYTES);
  return size === null ? plain : Math.min(size, plain);
}

function itemOf(contents: Contents, source: OpenedRow): Item {
  const { row, opened } = source;
  const place = { contentId: row.content_id, position: row.position, revision: row.revision };
  if ('problem' in opened) {
    return { kind: 'unreadable', unreadable: { ...place, problem: opened.problem } };
  }
  const { manifest, text } = opened;
  const content: Content = {
    ...place,
    kind: manifest.kind,
    name: manifest.name,
    mime: manifest.mime,
    folder: manifest.folder,
    size: manifest.size,
    createdAt: manifest.createdAt,
    expiresAt: row.expires_at,
    senderName: manifest.senderName,
    thumb: manifest.thumb,
    mine: contents.mine.has(row.content_id),
    pinned: row.pinned,
    state: row.state,
    storedBytes: storedPlainBytes(row.stored_count, row.stored_bytes, manifest.size),
    arriving: null,
    senderId: row.sender,
    waits: false,
    text,
    activity: contents.activities.get(row.content_id) ?? IDLE,
  };
  return { kind: 'content', content, source };
}

function withItem(contents: Contents, contentId: string, item: Item): Contents {
  return { ...contents, items: new Map(contents.items).set(contentId, item) };
}

/** Take rows in; those that are older than what is known, or removed, change nothing. */
export function mergeRows(contents: Contents, rows: readonly OpenedRow[]): Contents {
  const items = new Map(contents.items);
  const activities = new Map(contents.activities);
  const manifests = new Map(contents.manifests);
  for (const given of rows) {
    const { content_id: contentId, revision } = given.row;
    const known = items.get(contentId);
    if (contents.removed.has(contentId)) continue;
    if (known !== undefined && revisionOf(known) >= revision) continue;
    const source = goingOn(given, manifests);
    if (isHealed(known, source)) activities.delete(contentId);
    items.set(contentId, itemOf({ ...contents, activities }, source));
  }
  return { ...contents, items, activities, manifests };
}

/** A row as it may be believed: a newer one with an older manifest is none of a member's. */
function goingOn(given: OpenedRow, manifests: Map<string, number>): OpenedRow {
  const { row, opened } = given;
  if ('problem' in opened) return given;
  if (opened.manifestRevision < (manifests.get(row.content_id) ?? 0)) {
    return { row, opened: { problem: problemView(ownProblem('manifest_rolled_back')) } };
  }
  manifests.set(row.content_id, opened.manifestRevision);
  return given;
}

/** What failed because a content was damaged can be done again: it says so no longer. */
function isHealed(known: Item | undefined, { row }: OpenedRow): boolean {
  const wasDamaged = known?.kind === 'content' && known.content.state === 'damaged';
  return wasDamaged && row.state === 'complete';
}

/** Take in a part of the listing, newest first; `more` says that it goes on before it. */
export function mergeListing(
  contents: Contents,
  rows: readonly OpenedRow[],
  more: boolean,
): Contents {
  const oldest = rows.at(-1)?.row.position ?? contents.oldest;
  return { ...mergeRows(contents, rows), hasOlder: more, oldest };
}

/** An upload of this member that failed: it stays to be read, although the row is gone. */
function isFailedUpload(item: Item | undefined): boolean {
  if (item?.kind !== 'content') return false;
  const { mine, state, activity } = item.content;
  return mine && state === 'uploading' && activity.kind === 'failed';
}

/** The server removed contents: late pages do not bring them back. */
export function removeContents(contents: Contents, contentIds: readonly string[]): Contents {
  const gone = contentIds.filter((contentId) => !isFailedUpload(contents.items.get(contentId)));
  const removed = new Set([...contents.removed, ...contentIds]);
  return dropContents({ ...contents, removed }, gone);
}

/** Take contents out of this browser's sight. */
export function dropContents(contents: Contents, contentIds: readonly string[]): Contents {
  const items = new Map(contents.items);
  const activities = new Map(contents.activities);
  for (const contentId of contentIds) {
    items.delete(contentId);
    activities.delete(contentId);
  }
  return { ...contents, items, activities };
}

function draftsOf(contents: Contents): Map<string, Item> {
  const drafts = [...contents.items].filter(([, item]) => revisionOf(item) === 0);
  return new Map(drafts);
}

/** Remove all that the server has; what was not shared yet is shared still. */
export function clearContents(contents: Contents): Contents {
  const removed = removeContents(contents, sharedIds(contents));
  return { ...removed, hasOlder: false, oldest: null };
}

/** Forget what is known of the server's rows before a listing from the start. */
export function forgetRows(contents: Contents): Contents {
  return { ...contents, items: draftsOf(contents), removed: new Set(), oldest: null };
}

/** Chunks of a content arrived. */
export function markProgress(contents: Contents, contentId: string, arriving: Progress): Contents {
  const item = contents.items.get(contentId);
  if (item?.kind !== 'content' || item.content.state === 'complete') return contents;
  const moreBytes = arriving.doneBytes - item.content.storedBytes;
  if (moreBytes < 0 || (moreBytes === 0 && item.content.arriving === null)) return contents;
  const content = { ...item.content, storedBytes: arriving.doneBytes, arriving };
  return withItem(contents, contentId, { ...item, content });
}

/** Note what this browser does with a content. */
export function markActivity(contents: Contents, contentId: string, activity: Activity): Contents {
  const activities = new Map(contents.activities);
  if (activity.kind === 'idle') activities.delete(contentId);
  else activities.set(contentId, activity);
  const item = contents.items.get(contentId);
  if (item?.kind !== 'content') return { ...contents, activities };
  const content = { ...item.content, activity };
  return withItem({ ...contents, activities }, contentId, { ...item, content });
}

function byPosition(
  one: { readonly position: number; readonly createdAt?: number },
  other: { readonly position: number; readonly createdAt?: number },
): number {
  return one.position - other.position || (one.createdAt ?? 0) - (other.createdAt ?? 0);
}

/** The contents in the order in which they were shared. */
export function listContents(contents: Contents): readonly Content[] {
  return [...contents.items.values()]
    .flatMap((item) => (item.kind === 'content' ? [item.content] : []))
    .sort(byPosition);
}

/** Those that could not be opened, in the same order. */
export function listUnreadable(contents: Contents): readonly Unreadable[] {
  return [...contents.items.values()]
    .flatMap((item) => (item.kind === 'unreadable' ? [item.unreadable] : []))
    .sort(byPosition);
}

/** Whether all of it has arrived at the server. */
export function isComplete({ items }: Contents, contentId: string): boolean {
  const item = items.get(contentId);
  return item?.kind === 'content' && item.content.state !== 'uploading';
}

/** The ids of all contents that the server has placed. */
export function sharedIds(contents: Contents): readonly string[] {
  return [...contents.items].filter(([, item]) => revisionOf(item) > 0).map(([id]) => id);
}
