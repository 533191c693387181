/**
 * The bulk plane: one sealed chunk a request, raw bytes (protocol.md 9).
 */
import { chunkUrl, type ChunkAddress } from './address';
import { jsonBy, send } from './http';
import { type ChunkStored, decodeChunkStored, DIGEST_HEADER, LIMITS } from './generated';
import { asProblem, ownProblem } from './errors';

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

/**
 * Whether a chunk is stored with this digest; false while it is missing or damaged. Rejects with
 * `chunk_conflict` when other bytes are in its place.
 *
 * A GET of one byte: unlike HEAD, it is answered with what went wrong.
 */
export async function checkChunk(
  address: ChunkAddress,
  digest: Uint8Array,
  access: BulkAccess,
): Promise<boolean> {
  const request = {
    bytes: 1,
    signal: access.signal,
    init: { headers: { ...authorization(access), Range: 'bytes=0-0' } },
  };
  try {
    const stored = await send(chunkUrl(document.baseURI, address), request, async (response) => {
      await response.arrayBuffer();
      return response.headers.get(DIGEST_HEADER);
    });
    if (stored !== writeDigest(digest)) throw ownProblem('chunk_conflict');
    return true;
  } catch (thrown) {
    const problem = asProblem(thrown);
    if (problem.code === 'chunk_not_found' || problem.code === 'chunk_damaged') return false;
    throw problem;
  }
}
