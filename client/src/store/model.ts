/**
 * What the pages show: one immutable state per session, changed by pure reducers only.
 *
 * Sizes are plain bytes, times are milliseconds since 1970, speeds bytes a second.
 */
import type { Activity, Progress } from './activity';
import type { ChosenFolder, InFolder } from './grouping';

export type { Activity, Progress } from './activity';

/** How the session stands with its server. */
export type Link =
  /** Before the first join. */
  | { readonly state: 'connecting' }
  | { readonly state: 'online' }
  /**
   * The connection is lost because of `problem` (`offline`, `throttled`, `busy` …); the client
   * comes back by itself at `retryAt`, or is trying now when that is null.
   */
  | { readonly state: 'offline'; readonly retryAt: number | null; readonly problem: Problem }
  /** Nothing was said for long: closed until somebody looks at the page. */
  | { readonly state: 'paused' }
  /** Nothing but the member can mend this: wrong passphrase after a change, session gone. */
  | { readonly state: 'ended'; readonly error: Problem };

/** A failure as the member reads it: `code` selects the sentence in the catalogue. */
export interface Problem {
  readonly code: string;
  /** The server's own sentence, shown when the catalogue has none for the code. */
  readonly message: string;
  readonly retryable: boolean;
  /** Numbers that the server's refusal of a size came with. */
  readonly limitBytes?: number | null;
  readonly availableBytes?: number | null;
  readonly retryAfterSeconds?: number | null;
}

export type ContentKind = 'text' | 'picture' | 'file';

/** Somebody who is in the session; `name` is null until the sealed profile has arrived. */
export interface Member {
  readonly memberId: string;
  readonly name: string | null;
  readonly joinedAt: number;
  readonly self: boolean;
}

/** A small picture of a picture, as its sender says: its `url` needs no release. */
export interface Thumb {
  readonly url: string;
  /** The picture's own sides in pixels. */
  readonly width: number;
  readonly height: number;
}

/** A folder on its way to the disk, as one zip file. */
export interface Zipping {
  readonly activity: Activity;
  /** The name of the file that it is at, or that it failed at. */
  readonly file: string | null;
}

/** A content that could be opened with the keys of the session. */
export interface Content {
  readonly contentId: string;
  readonly position: number;
  readonly revision: number;
  readonly kind: ContentKind;
  readonly name: string;
  readonly mime: string;
  /** Null for what was shared by itself. */
  readonly folder: InFolder | null;
  /** Null while a stream of unknown length is sent. */
  readonly size: number | null;
  readonly createdAt: number;
  /** When it goes by itself, unless it is pinned; null for what stays. */
  readonly expiresAt: number | null;
  readonly senderName: string;
  readonly thumb: Thumb | null;
  readonly mine: boolean;
  readonly pinned: boolean;
  readonly state: 'uploading' | 'complete' | 'damaged';
  /** Plain bytes that the server holds, for receivers of an upload in progress. */
  readonly storedBytes: number;
  /** How it arrives at the server, since something of it did in this page's life. */
  readonly arriving: Progress | null;
  /** The member who sends it; null where the server does not say. */
  readonly senderId: string | null;
  /** Whoever sends it is not here: it goes on when they are back. */
  readonly waits: boolean;
  /** The whole text of a text of at most 16 KiB, already opened. */
  readonly text: string | null;
  readonly activity: Activity;
}

/** A content whose manifest could not be opened: shown as damaged, never hidden. */
export interface Unreadable {
  readonly contentId: string;
  readonly position: number;
  readonly revision: number;
  readonly problem: Problem;
}

/** What holds for a session since it was made. */
export interface Policy {
  /** How long it stays after its last activity; 0 for ever. */
  readonly idleSeconds: number;
  /** So many contents at most; 0 for as many as the server takes. */
  readonly contentsMax: number;
  /** Whether beyond that the oldest that is not pinned goes, or what is new is refused. */
  readonly dropsOldest: boolean;
  /** Whether equal files are stored once. */
  readonly deduplicates: boolean;
}

/** Contents that went by themselves, as one revision. */
export interface Departure {
  readonly revision: number;
  readonly count: number;
  readonly reason: 'expired' | 'displaced' | 'unfinished';
}

/** One session in this browser. Contents are ordered by position, newest last. */
export interface SessionState {
  readonly sessionName: string;
  readonly memberName: string;
  readonly link: Link;
  readonly revision: number;
  readonly members: readonly Member[];
  readonly contents: readonly Content[];
  readonly unreadable: readonly Unreadable[];
  /** Folders that are being saved, or could not be, by the ids of their groups. */
  readonly zips: ReadonlyMap<string, Zipping>;
  /** Null before the first join. */
  readonly policy: Policy | null;
  /** How long what is shared from now on stays; null for good. */
  readonly lifetimeSeconds: number | null;
  /** The last contents that went by themselves. */
  readonly departed: Departure | null;
  /** Whether this member's join made the session, and nothing was removed from it since. */
  readonly isNew: boolean;
  /** Whether older contents wait on the server (`loadOlder`). */
  readonly hasOlder: boolean;
}

/** Where a saved content went. */
export type Saved = 'disk' | 'download';

/**
 * An open session: what pages may do. Every promise rejects with a `ProblemError` only;
 * transfers report through the state and go on over lost connections by themselves.
 */
export interface Session {
  /** For React's `useSyncExternalStore`. */
  readonly subscribe: (listener: () => void) => () => void;
  readonly getState: () => SessionState;
  readonly shareText: (text: string) => Promise<void>;
  /** Files that cannot be sent (too large, a folder) become contents that have failed. */
  readonly shareFiles: (files: readonly File[]) => Promise<void>;
  /**
   * Share the files of a folder as a group; of one that was cut off, what is not there yet. Those
   * that cannot be sent become contents that have failed. Rejects with `folder_empty`.
   */
  readonly shareFolder: (folder: ChosenFolder) => Promise<void>;
  /** Let what is shared from now on go by itself after so long; null for good. */
  readonly keepFor: (seconds: number | null) => void;
  readonly cancel: (contentId: string) => void;
  /** Let what is being sent rest, over lost connections too; what is under way still arrives. */
  readonly pause: (contentId: string) => void;
  readonly goOn: (contentId: string) => void;
  /**
   * Go on with interrupted uploads, whose files these are; with one id, with that alone. A file
   * that changed is sent as new. Rejects with `file_other` when one of them is none of theirs.
   */
  readonly resume: (files: readonly File[], contentId?: string) => Promise<void>;
  /** Share again what could not be sent (`again` of its activity). */
  readonly shareAgain: (contentId: string) => Promise<void>;
  readonly rename: (contentId: string, name: string) => Promise<void>;
  readonly pin: (contentId: string, pinned: boolean) => Promise<void>;
  readonly remove: (contentId: string) => Promise<void>;
  readonly clear: () => Promise<void>;
  readonly loadOlder: () => Promise<void>;
  /** The whole text of a text content, opened and checked. */
  readonly readText: (contentId: string) => Promise<string>;
  /**
   * A checked picture for an <img> as a blob URL, for pictures of at most 32 MiB of the
   * allowed types by their first bytes; null when the bytes are no such picture. Of one that is
   * still being sent `onPart` gets what there is, to be released like the whole. Ends with
   * `cancelled` when `signal` is aborted.
   */
  readonly preview: (
    contentId: string,
    onPart: (part: PicturePreview) => void,
    signal?: AbortSignal,
  ) => Promise<PicturePreview | null>;
  /**
   * Stream the content to the member's disk; opened and checked on the way. Null when it failed
   * or was stopped, which is in its activity. Of what is larger the sealed chunks are kept until it
   * is whole: `save` goes on from them, `cancel` removes them.
   */
  readonly save: (contentId: string) => Promise<Saved | null>;
  /**
   * Stream contents of a folder that are whole to the member's disk as one zip file called `name`.
   * Null when it was stopped or failed, which is in `zips`; nothing is left of it then.
   */
  readonly saveZip: (
    folderKey: string,
    name: string,
    contentIds: readonly string[],
  ) => Promise<Saved | null>;
  /** Stop saving a zip file, or let go how that ended. */
  readonly stopZip: (folderKey: string) => void;
  /**
   * Out at once, with the keys gone and what was being sent stopped; the server is told behind,
   * and removes what this member had not finished sending (`isSending` says whether there is).
   */
  readonly leave: () => Promise<void>;
}

export interface PicturePreview {
  readonly url: string;
  readonly release: () => void;
}
