/** From a text or file to what is sent: its kind, its layout, its sealed row. */
import { base64url, hex, randomBytes } from '../crypto/bytes';
import type { KeyPort } from '../crypto/port';
import { ownProblem } from '../protocol/errors';
import type { ContentShare } from '../protocol/generated';
import { isInline, type Layout, layoutOf } from '../transfer/sizes';
import { openSource, type Source } from '../transfer/source';
import { DRAFT_POSITION } from './contents';
import { type NewManifest, writeManifest } from './manifest';
import type { Content, ContentKind, Problem } from './model';
import { sniffPicture, SNIFF_BYTES } from './picture';

const CONTENT_ID_BYTES = 16;
const UNKNOWN_MIME = 'application/octet-stream';

/** A content that this member shares, before anything of it was sealed. */
export interface Draft {
  readonly contentId: string;
  readonly source: Source;
  readonly layout: Layout;
  readonly manifest: NewManifest;
  /** The whole text of a small text. */
  readonly text: string | null;
}

function newContentId(): string {
  return hex(randomBytes(CONTENT_ID_BYTES));
}

/** A draft of a text. Throws `file_too_large`. */
export function draftText(text: string, senderName: string): Draft {
  const blob = new Blob([text], { type: 'text/plain' });
  const draft = draftOf(blob, { kind: 'text', name: 'text.txt', mime: 'text/plain', senderName });
  return { ...draft, text: isInline(draft.layout) ? text : null };
}

/**
 * A draft of a file: a picture by its first bytes. Rejects with `file_too_large`, and with
 * `file_unreadable` for a folder, which browsers hand over like a file.
 */
export async function draftFile(file: File, senderName: string): Promise<Draft> {
  const head = await file
    .slice(0, SNIFF_BYTES)
    .arrayBuffer()
    .catch((cause: unknown) => {
      throw ownProblem('file_unreadable', cause);
    });
  const picture = sniffPicture(new Uint8Array(head));
  const kind = picture === null ? 'file' : 'picture';
  const mime = picture ?? (file.type === '' ? UNKNOWN_MIME : file.type);
  return draftOf(file, { kind, name: file.name, mime, senderName });
}

interface Description {
  readonly kind: ContentKind;
  readonly name: string;
  readonly mime: string;
  readonly senderName: string;
}

function draftOf(blob: Blob, description: Description): Draft {
  const layout = layoutOf(blob.size);
  const { size, chunkSize, chunkCount } = layout;
  const manifest = { ...description, size, chunkSize, chunkCount, createdAt: Date.now() };
  const source = openSource(blob, layout);
  return { contentId: newContentId(), source, layout, manifest, text: null };
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
} as const;

/** How a draft is shown until its row arrives. */
export function draftContent(draft: Draft): Content {
  const { kind, name, mime, size, createdAt, senderName } = draft.manifest;
  const described = { kind, name, mime, size, createdAt, senderName };
  const { contentId, text } = draft;
  return { ...UNSENT, ...described, contentId, text, activity: { kind: 'idle' } };
}

/** How a file is shown that cannot be sent: its name, and why. */
export function refusedContent(file: File, senderName: string, problem: Problem): Content {
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
    text: null,
    activity: { kind: 'failed', problem },
  };
}

/** Seal the row of a draft; a small content's only chunk and root are in it. */
export async function sealShare(
  draft: Draft,
  keys: KeyPort,
  lifetimeSeconds: number | null,
): Promise<ContentShare> {
  const { contentId, layout, manifest, source } = draft;
  const row = {
    content_id: contentId,
    blob_id: contentId,
    chunk_size: layout.chunkSize,
    chunk_count: layout.chunkCount,
    total_size: layout.totalSize,
    content_box: await keys.keeper.newContent(contentId),
    ...(lifetimeSeconds === null ? {} : { lifetime_seconds: lifetimeSeconds }),
  };
  if (!isInline(layout)) {
    const sealed = await keys.keeper.sealManifest(contentId, 1, writeManifest(manifest));
    return { ...row, manifest: sealed };
  }
  const plain = await source.readChunk(0);
  const chunk = await keys.sealChunk(contentId, 0, true, layout.chunkSize, plain);
  const root = await keys.keeper.root([chunk.digest]);
  const sealed = await keys.keeper.sealManifest(contentId, 1, writeManifest(manifest, root));
  return { ...row, manifest: sealed, chunk: base64url(chunk.bytes) };
}
