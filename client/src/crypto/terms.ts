/** What the keeper of keys takes and gives (keeper.ts). */
import type { Bytes } from './bytes';

/** How a session derives its keys, as `session:hello` tells it. */
export interface Terms {
  readonly suite: number;
  readonly salt: string;
  readonly iterations: number;
  readonly fingerprintIv: string;
}

/** What `session:create` needs beside the session's id. */
export interface Creation extends Terms {
  readonly fingerprintData: string;
  readonly serverKey: string;
  readonly keyBox: string;
  readonly ownerHash: string;
}

/** What a join answered, and the member that it made. */
export interface Entry {
  readonly sig: string;
  readonly keyBox: string;
  readonly memberId: string;
}

/** What a row says of a new content's key, as `content:share` spells it. */
export interface NewContent {
  readonly contentBox: string;
  readonly blobId: string;
}

/** A sealed or opened chunk and the SHA-256 (32 bytes) of its sealed bytes. */
export interface ChunkResult {
  readonly bytes: Bytes;
  readonly digest: Bytes;
}

/** An opened chunk, and its sealed bytes as they were given. */
export interface OpenedChunk extends ChunkResult {
  readonly sealed: Bytes;
}

/** Whether keys derived on one fit the other. */
export function sameTerms(one: Terms, other: Terms): boolean {
  return (
    one.suite === other.suite &&
    one.salt === other.salt &&
    one.iterations === other.iterations &&
    one.fingerprintIv === other.fingerprintIv
  );
}
