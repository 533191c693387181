/**
 * The bulk plane: one sealed chunk a request, raw bytes (protocol.md 9).
 */
import { type ChunkAddress, chunkUrl, type ContentAddress, digestsUrl } from './address';
import { jsonBy, send } from './http';
import { type ChunkStored, decodeChunkStored, DIGEST_HEADER, LIMITS } from './generated';
import { ownProblem } from './errors';

/** What every chunk request carries: the bearer token of the join, and how to stop it. */
export interface BulkAccess {
  readonly token: string;
  readonly signal: AbortSignal;
}

/** Largest chunk on the wire, bytes. */
const SEALED_MAX_BYTES = LIMITS.CHUNK_SIZE_MAX_BYTES + LIMITS.CHUNK_OVERHEAD_BYTES;

/** Write a SHA-256 as the value of the `Digest` header (RFC 3230). */
export function writeDigest(digest: Uint8Array): string {
  return `sha-256=${btoa(String.fromCharCode(...digest))}`;
}

function authorization(access: BulkAccess): Record<string, string> {
  return { Authorization: `Bearer ${access.token}` };
}

/** Store a sealed chunk; the same bytes again are acknowledged again. */
export async function putChunk(
  address: ChunkAddress,
  sealed: Uint8Array<ArrayBuffer>,
  digest: Uint8Array,
  access: BulkAccess,
): Promise<ChunkStored> {
  const request = {
    bytes: sealed.byteLength,
    signal: access.signal,
    init: {
      method: 'PUT',
      headers: {
        ...authorization(access),
        'Content-Type': 'application/octet-stream',
        [DIGEST_HEADER]: writeDigest(digest),
      },
      body: new Blob([sealed]), // of bytes, fetch keeps the page waiting up to seconds
    },
  };
  return send(chunkUrl(document.baseURI, address), request, jsonBy(decodeChunkStored));
}

/** Fetch a sealed chunk of at most 4 MiB and its overhead. */
export async function getChunk(
  address: ChunkAddress,
  access: BulkAccess,
): Promise<Uint8Array<ArrayBuffer>> {
  const request = {
    bytes: SEALED_MAX_BYTES,
    signal: access.signal,
    init: { headers: authorization(access) },
  };
  return send(chunkUrl(document.baseURI, address), request, async (response) => {
    const announced = Number(response.headers.get('Content-Length') ?? 0);
    if (announced > SEALED_MAX_BYTES) throw ownProblem('bad_answer');
    const body = new Uint8Array(await response.arrayBuffer());
    if (body.byteLength > SEALED_MAX_BYTES) throw ownProblem('bad_answer');
    return body;
  });
}

/** One line of a list of digests: index u32 big-endian, SHA-256. */
const INDEX_BYTES = 4;
const INDEXED_DIGEST_BYTES = INDEX_BYTES + 32;

/** The digests of all stored chunks of a content, by index. */
export async function getDigests(
  address: ContentAddress,
  access: BulkAccess,
): Promise<ReadonlyMap<number, Uint8Array>> {
  const found = new Map<number, Uint8Array>();
  const bytes = LIMITS.DIGESTS_MAX * INDEXED_DIGEST_BYTES;
  const request = { bytes, signal: access.signal, init: { headers: authorization(access) } };
  for (let from = 0; from < LIMITS.CHUNK_COUNT_MAX;) {
    const url = digestsUrl(document.baseURI, address, from);
    const part = await send(url, request, async (response) => response.arrayBuffer());
    if (part.byteLength > bytes || part.byteLength % INDEXED_DIGEST_BYTES !== 0) {
      throw ownProblem('bad_answer');
    }
    const view = new DataView(part);
    for (let at = 0; at < part.byteLength; at += INDEXED_DIGEST_BYTES) {
      const index = view.getUint32(at);
      // Indexes ascend: else it could go on for ever.
      if (index < from) throw ownProblem('bad_answer');
      found.set(index, new Uint8Array(part.slice(at + INDEX_BYTES, at + INDEXED_DIGEST_BYTES)));
      from = index + 1;
    }
    if (part.byteLength < bytes) break;
  }
  return found;
}
