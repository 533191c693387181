/**
 * One session in this browser: what happens to it, and the state that follows. Pure.
 */
import {
  clearContents,
  type Contents,
  dropContents,
  forgetRows,
  listContents,
  listUnreadable,
  markActivity,
  markProgress,
  mergeListing,
  mergeRows,
  NO_CONTENTS,
  type OpenedRow,
  removeContents,
} from './contents';
import { addDrafts } from './drafts';
import { isSent } from './folders';
import { addMember, type Arrival, nameMember, removeMember, replaceMembers } from './members';
import type { RemovalReason } from './listing';
import type {
  Activity,
  Content,
  Departure,
  Link,
  Member,
  Policy,
  Progress,
  SessionState,
  Zipping,
} from './model';

export interface SessionModel {
  readonly sessionName: string;
  readonly memberName: string;
  /** This client's member id on the present connection. */
  readonly selfId: string | null;
  readonly link: Link;
  /** The revision up to which everything is known. */
  readonly revision: number;
  readonly members: readonly Member[];
  readonly contents: Contents;
  readonly zips: ReadonlyMap<string, Zipping>;
  readonly policy: Policy | null;
  readonly lifetimeSeconds: number | null;
  readonly departed: Departure | null;
  /** Whether this member's join made the session. */
  readonly isNew: boolean;
}

/** A page of a listing with its rows opened. */
export interface OpenedPage {
  /** `first`: the newest contents; `since`: what changed; `before`: those older than a position. */
  readonly asked: 'first' | 'since' | { readonly before: number };
  readonly through: number;
  readonly rows: readonly OpenedRow[];
  readonly removed: readonly string[];
  readonly members: readonly Arrival[];
  readonly more: boolean;
  readonly reset: boolean;
}

/** What follows an announcement with a revision. */
export type Revised =
  | { readonly kind: 'row'; readonly row: OpenedRow }
  | {
      readonly kind: 'removed';
      readonly contentIds: readonly string[];
      readonly reason: RemovalReason;
    }
  | { readonly kind: 'cleared' }
  | { readonly kind: 'came'; readonly member: Arrival }
  | { readonly kind: 'left'; readonly memberId: string };

export type Change =
  | { readonly kind: 'link'; readonly link: Link }
  | { readonly kind: 'self'; readonly memberId: string }
  | { readonly kind: 'created' }
  | { readonly kind: 'policy'; readonly policy: Policy }
  | { readonly kind: 'lifetime'; readonly seconds: number | null }
  | { readonly kind: 'page'; readonly page: OpenedPage }
  | { readonly kind: 'revised'; readonly revision: number; readonly change: Revised }
  | {
      readonly kind: 'progress';
      readonly contentId: string;
      readonly progress: Progress;
    }
  | { readonly kind: 'named'; readonly memberId: string; readonly name: string }
  | { readonly kind: 'activity'; readonly contentId: string; readonly activity: Activity }
  | { readonly kind: 'zip'; readonly folderKey: string; readonly zipping: Zipping }
  | { readonly kind: 'drafts'; readonly drafts: readonly Content[] }
  | { readonly kind: 'dropped'; readonly contentId: string };

export function emptySession(sessionName: string, memberName: string): SessionModel {
  return {
    sessionName,
    memberName,
    selfId: null,
    link: { state: 'connecting' },
    revision: 0,
    members: [],
    contents: NO_CONTENTS,
    zips: new Map(),
    policy: null,
    lifetimeSeconds: null,
    departed: null,
    isNew: false,
  };
}

/** How an announced revision stands to the last known one: only `next` may be applied. */
export function judge(known: number, announced: number): 'next' | 'seen' | 'gap' {
  if (announced <= known) return 'seen';
  return announced === known + 1 ? 'next' : 'gap';
}

function takePage(model: SessionModel, page: OpenedPage): SessionModel {
  // All was cleared or listed anew since it was asked for: it goes on from nothing that is here.
  if (typeof page.asked === 'object' && page.asked.before !== model.contents.oldest) return model;
  const isListing = page.asked !== 'since' || page.reset;
  const base = page.reset ? forgetRows(model.contents) : model.contents;
  const kept = page.removed.length === 0 ? base : removeContents(base, page.removed);
  const contents = isListing
    ? mergeListing(kept, page.rows, page.more)
    : mergeRows(kept, page.rows);
  const members =
    page.members.length === 0
      ? model.members
      : replaceMembers(model.members, page.members, model.selfId);
  // A reset can take the revision back: the server was restored from a backup.
  const isAhead = page.reset || page.through > model.revision;
  const revision = typeof page.asked === 'string' && isAhead ? page.through : model.revision;
  return { ...model, contents, members, revision };
}

/** What members did is seen; what went by itself is told. */
function departureOf(
  { revision, contents }: SessionModel,
  contentIds: readonly string[],
  reason: RemovalReason,
): Departure | null {
  const count = contentIds.filter((contentId) => contents.items.has(contentId)).length;
  if (count === 0 || reason === 'removed' || reason === 'cleared') return null;
  return { revision: revision + 1, count, reason };
}

function revise(model: SessionModel, change: Revised): SessionModel {
  const { contents, members, selfId } = model;
  switch (change.kind) {
    case 'row':
      return { ...model, contents: mergeRows(contents, [change.row]) };
    case 'removed':
      return {
        ...model,
        contents: removeContents(contents, change.contentIds),
        departed: departureOf(model, change.contentIds, change.reason) ?? model.departed,
      };
    case 'cleared':
      return { ...model, contents: clearContents(contents) };
    case 'came':
      return { ...model, members: addMember(members, change.member, selfId) };
    case 'left':
      return { ...model, members: removeMember(members, change.memberId) };
  }
}

/** The state after a change. An announcement that is not the next one changes nothing. */
export function reduce(model: SessionModel, change: Change): SessionModel {
  const { contents } = model;
  switch (change.kind) {
    case 'link':
      return { ...model, link: change.link };
    case 'self':
      return { ...model, selfId: change.memberId };
    case 'created':
      return { ...model, isNew: true };
    case 'policy':
      return { ...model, policy: change.policy };
    case 'lifetime':
      return { ...model, lifetimeSeconds: change.seconds };
    case 'page':
      return takePage(model, change.page);
    case 'revised':
      if (judge(model.revision, change.revision) !== 'next') return model;
      return { ...revise(model, change.change), revision: change.revision };
    case 'progress':
      return { ...model, contents: markProgress(contents, change.contentId, change.progress) };
    case 'named':
      return { ...model, members: nameMember(model.members, change.memberId, change.name) };
    case 'activity':
      return { ...model, contents: markActivity(contents, change.contentId, change.activity) };
    case 'zip':
      return { ...model, zips: new Map(model.zips).set(change.folderKey, change.zipping) };
    case 'drafts':
      return { ...model, contents: addDrafts(contents, change.drafts) };
    case 'dropped':
      return { ...model, contents: dropContents(contents, [change.contentId]) };
  }
}

/** Whether this member is sending something that would be lost by leaving. */
export function isSending({ contents }: SessionState): boolean {
  return contents.some(isSent);
}

/** What moves, moves over the connection: without one it waits, whatever it said last. */
function stalled<T extends Content | Zipping>(one: T, link: Link): T {
  const { activity } = one;
  const isMoving = activity.kind === 'sending' || activity.kind === 'saving';
  if (!isMoving || link.state === 'online') return one;
  return { ...one, activity: { ...activity, kind: 'waiting', problem: null } };
}

/** Whether a content is still being sent by somebody who is not here; unknown off line. */
function waits({ state, mine, senderId }: Content, { link, members }: SessionModel): boolean {
  if (state !== 'uploading' || mine || senderId === null || link.state !== 'online') return false;
  return !members.some(({ memberId }) => memberId === senderId);
}

/** What the pages show of a session. */
export function viewOf(model: SessionModel): SessionState {
  return {
    sessionName: model.sessionName,
    memberName: model.memberName,
    link: model.link,
    revision: model.revision,
    members: model.members,
    contents: listContents(model.contents)
      .map((content) => stalled(content, model.link))
      .map((content) => (waits(content, model) ? { ...content, waits: true } : content)),
    unreadable: listUnreadable(model.contents),
    hasOlder: model.contents.hasOlder,
    zips: new Map([...model.zips].map(([id, zipping]) => [id, stalled(zipping, model.link)])),
    policy: model.policy,
    lifetimeSeconds: model.lifetimeSeconds,
    departed: model.departed,
    isNew: model.isNew && model.contents.removed.size === 0,
  };
}
