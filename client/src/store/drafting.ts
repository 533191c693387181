/** From a text or file to a draft of it: its kind, its layout, its card. */
import { hex, randomBytes } from '../crypto/bytes';
import { asProblem, ownProblem } from '../protocol/errors';
import { LIMITS } from '../protocol/generated';
import { isInline, type Layout, layoutOf } from '../transfer/sizes';
import { openSource, type Source } from '../transfer/source';
import { DRAFT_POSITION } from './contents';
import { type ChosenFolder, inFolder, type SealedFolder } from './grouping';
import { isPathShort, type NewManifest } from './manifest';
import type { Content, ContentKind } from './model';
import { problemView } from './problem';
import type { Recalled, Sealed } from './recalled';
import { sniffPicture, SNIFF_BYTES } from './picture';
import { readThumb, type SealedThumb } from './thumb';
import { makeThumb } from './thumb-maker';

const CONTENT_ID_BYTES = 16;
/** Smaller files are sent as quickly as they are compared (protocol.md 8). */
const EQUAL_FROM_BYTES = 64 * 1024;
const UNKNOWN_MIME = 'application/octet-stream';

/** A content that this member shares, before anything of it was sealed. */
export interface Draft {
  readonly contentId: string;
  readonly source: Source;
  readonly layout: Layout;
  readonly manifest: NewManifest;
  /** Makes what its manifest shows of a picture; null for all else, and where there is none. */
  readonly thumb: () => Promise<SealedThumb | null>;
  /** The whole text of a small text. */
  readonly text: string | null;
  /** When its file was changed last; null for what is no file, which cannot be chosen again. */
  readonly modifiedAt: number | null;
  /** Whether it is sent under keys that every equal file of the session has. */
  readonly isEqual: boolean;
}

/** The same once more as a new content. */
export function draftAgain(draft: Draft, isEqual: boolean): Draft {
  return { ...draft, contentId: newContentId(), isEqual };
}

function newContentId(): string {
  return hex(randomBytes(CONTENT_ID_BYTES));
}

/** A draft of the file that an earlier life of the page was sending. */
export function draftRecalled({ contentId, manifest, isEqual }: Sealed, file: File): Draft {
  const layout = layoutOf(file.size);
  const source = openSource(file, layout);
  const { lastModified: modifiedAt } = file;
  const thumb = () => Promise.resolve(manifest.thumb);
  return { contentId, source, layout, manifest, thumb, text: null, modifiedAt, isEqual };
}

/** A draft of a text. Throws `file_too_large`. */
export function draftText(text: string, senderName: string): Draft {
  const blob = new Blob([text], { type: 'text/plain' });
  const described = { name: 'text.txt', mime: 'text/plain', senderName, folder: null };
  const draft = draftOf(blob, { kind: 'text', ...described });
  return { ...draft, text: isInline(draft.layout) ? text : null };
}

/** A file to be shared, by itself or in a folder. */
export interface Chosen {
  readonly file: File;
  readonly folder: SealedFolder | null;
}

/** The files of a folder as one group. Throws `folder_empty`. */
export function together({ name, files }: ChosenFolder): readonly Chosen[] {
  if (files.length === 0) throw ownProblem('folder_empty');
  const group = { id: newContentId(), name, count: files.length };
  return files.map(({ file, path }) => ({ file, folder: { path, group } }));
}

/** Drafts of files; one that cannot be sent is a content that says why. */
export function draftAll(
  chosen: readonly Chosen[],
  senderName: string,
): Promise<readonly (Draft | Content)[]> {
  return Promise.all(
    chosen.map(({ file, folder }) =>
      draftFile(file, senderName, folder).catch((thrown: unknown) =>
        refusedContent(file, senderName, folder, thrown),
      ),
    ),
  );
}

/**
 * A draft of a file, by itself or in a `folder`: a picture by its first bytes. Rejects with `file_too_large`, and with
 * `file_unreadable` for a folder, which browsers hand over like a file; `path_too_long`.
 */
export async function draftFile(
  file: File,
  senderName: string,
  folder: SealedFolder | null = null,
): Promise<Draft> {
  if (folder !== null && !isPathShort(folder.path)) throw ownProblem('path_too_long');
  // A slice of a file costs Chromium a millisecond, of which a folder has thousands.
  const part = file.size <= LIMITS.INLINE_PLAIN_MAX_BYTES ? file : file.slice(0, SNIFF_BYTES);
  const head = await part.arrayBuffer().catch((cause: unknown) => {
    throw ownProblem('file_unreadable', cause);
  });
  const picture = sniffPicture(new Uint8Array(head));
  const kind = picture === null ? 'file' : 'picture';
  const mime = picture ?? (file.type === '' ? UNKNOWN_MIME : file.type);
  return draftOf(file, { kind, name: file.name, mime, senderName, folder });
}

interface Description {
  readonly kind: ContentKind;
  readonly name: string;
  readonly mime: string;
  readonly senderName: string;
  readonly folder: SealedFolder | null;
}

function draftOf(blob: Blob, description: Description): Draft {
  const layout = layoutOf(blob.size);
  const { size, chunkSize, chunkCount } = layout;
  const manifest = {
    ...description,
    size,
    chunkSize,
    chunkCount,
    createdAt: Date.now(),
    thumb: null,
  };
  const source = openSource(blob, layout);
  const isEqual = description.kind !== 'text' && size >= EQUAL_FROM_BYTES;
  const modifiedAt = blob instanceof File ? blob.lastModified : null;
  const thumb = () => (description.kind === 'picture' ? makeThumb(blob) : Promise.resolve(null));
  const contentId = newContentId();
  return { contentId, source, layout, manifest, thumb, text: null, modifiedAt, isEqual };
}

/** What every content has that the server does not know yet. */
const UNSENT = {
  position: DRAFT_POSITION,
  revision: 0,
  mine: true,
  pinned: false,
  expiresAt: null,
  state: 'uploading',
  storedBytes: 0,
  arriving: null,
  senderId: null,
  thumb: null,
  waits: false,
} as const;

function placed(folder: SealedFolder | null) {
  return folder === null ? null : inFolder(folder);
}

function describedBy(manifest: NewManifest) {
  const { kind, name, mime, size, createdAt, senderName } = manifest;
  return { kind, name, mime, size, createdAt, senderName, folder: placed(manifest.folder) };
}

/** How a draft is shown until its row arrives. */
export function draftContent(draft: Draft): Content {
  const { contentId, text, manifest } = draft;
  return { ...UNSENT, ...describedBy(manifest), contentId, text, activity: { kind: 'idle' } };
}

/** How an upload is shown whose file is not at hand. */
export function interruptedContent(
  { contentId, blobId, manifest }: Recalled,
  keptSeconds: number,
): Content {
  const isUnsent = blobId === null;
  const activity = { kind: 'interrupted', keptSeconds: isUnsent ? null : keptSeconds } as const;
  const thumb = readThumb(manifest.thumb);
  return { ...UNSENT, ...describedBy(manifest), contentId, thumb, text: null, activity };
}

/** How a file is shown that cannot be sent: its name, and why. */
function refusedContent(
  file: File,
  senderName: string,
  folder: SealedFolder | null,
  thrown: unknown,
): Content {
  const { name, size, type: mime } = file;
  return {
    ...UNSENT,
    contentId: newContentId(),
    kind: 'file',
    name,
    mime,
    size,
    createdAt: Date.now(),
    senderName,
    folder: placed(folder),
    text: null,
    activity: { kind: 'failed', problem: problemView(asProblem(thrown)) },
  };
}
