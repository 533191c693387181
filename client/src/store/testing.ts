/** For tests: real keys behind a message port, as a page has them behind a worker. */
import { expose } from 'comlink';

import { keysBehind, type KeyPort } from '../crypto/port';
import type { Content as Row, ContentShare } from '../protocol/generated';
import { joinedKeeper } from '../transfer/testing';

/** Keys of a new session that was joined, and the session's id. */
export async function joinedKeys(): Promise<{ keys: KeyPort; sessionId: string }> {
  const { keeper: real, sessionId } = await joinedKeeper();
  const { port1, port2 } = new MessageChannel();
  expose(real, port1);
  const keys = keysBehind(port2, () => {
    port1.close();
    port2.close();
  });
  return { keys, sessionId };
}

/** The row that a server makes of a share. */
export function rowOfShare(share: ContentShare, revision: number): Row {
  const isComplete = share.chunk !== undefined;
  return {
    content_id: share.content_id,
    blob_id: share.blob_id,
    position: revision,
    revision,
    state: isComplete ? 'complete' : 'uploading',
    pinned: false,
    chunk_size: share.chunk_size,
    chunk_count: share.chunk_count ?? null,
    total_size: share.total_size ?? null,
    stored_count: isComplete ? 1 : 0,
    stored_bytes: isComplete ? (share.total_size ?? 0) : 0,
    created_at: 5,
    content_box: share.content_box,
    manifest: share.manifest,
    sender: null,
    chunk: share.chunk ?? null,
    expires_at: null,
  };
}
