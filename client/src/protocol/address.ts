/**
 * Addresses of the server: all below the page's own base, so that a sub-path works.
 */
import { CHUNK_PATH, CONFIG_PATH, SOCKET_PATH } from './generated';

/** Where one chunk lives. */
export interface ChunkAddress {
  readonly sessionId: string;
  readonly contentId: string;
  readonly index: number;
}

/** The address of an absolute path of the protocol below the page's base. */
function below(path: string, base: string): URL {
  return new URL(path.replace(/^\//, ''), new URL('.', base));
}

export function configUrl(base: string): URL {
  return below(CONFIG_PATH, base);
}

export function socketUrl(base: string): URL {
  return below(SOCKET_PATH, base);
}

export function chunkUrl(base: string, address: ChunkAddress): URL {
  const path = CHUNK_PATH.replace('{session_id}', address.sessionId)
    .replace('{content_id}', address.contentId)
    .replace('{index}', String(address.index));
  return below(path, base);
}
