/** From a draft to its sealed row: under keys of its own, or those of every equal file. */
import { base64url } from '../crypto/bytes';
import type { KeyPort, NewContent } from '../crypto/port';
import type { ContentShare } from '../protocol/generated';
import { digestPieces } from '../transfer/reading';
import { isInline } from '../transfer/sizes';
import type { Draft } from './drafting';
import { writeManifest } from './manifest';

/** A draft whose manifest carries its thumbnail. */
export async function withThumb(draft: Draft): Promise<Draft> {
  return { ...draft, manifest: { ...draft.manifest, thumb: await draft.thumb() } };
}

/** Read a file through for the keys of all equal files; rejects with `file_changed`. */
export async function equalKeys(
  { contentId, source, layout }: Draft,
  { keeper, digest }: KeyPort,
  onRead: (doneBytes: number) => void,
  signal: AbortSignal,
): Promise<NewContent> {
  const digests = await digestPieces(source, layout, digest, onRead, signal);
  return keeper.newEqual(contentId, layout.chunkSize, layout.size, digests);
}

/** Seal the row of a draft under a key made for it; a small content's chunk and root are in it. */
export async function sealShare(
  draft: Draft,
  keys: KeyPort,
  { contentBox, blobId }: NewContent,
  lifetimeSeconds: number | null,
): Promise<ContentShare> {
  const { contentId, layout, manifest, source } = draft;
  const row = {
    content_id: contentId,
    blob_id: blobId,
    chunk_size: layout.chunkSize,
    chunk_count: layout.chunkCount,
    total_size: layout.totalSize,
    content_box: contentBox,
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
