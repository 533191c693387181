/**
 * Addresses of the server: all below the page's own base, so that a sub-path works.
 */
import { CHUNK_PATH, CONFIG_PATH, DIGESTS_PATH, SOCKET_PATH } from './generated';

/** Where the chunks of one content live. */
export interface ContentAddress {
  readonly sessionId: string;
  readonly contentId: string;
}

/** Where one chunk lives. */
export interface ChunkAddress extends ContentAddress {
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

function placed(path: string, address: ContentAddress): string {
  return path.replace('{session_id}', address.sessionId).replace('{content_id}', address.contentId);
}

export function chunkUrl(base: string, address: ChunkAddress): URL {
  return below(placed(CHUNK_PATH, address).replace('{index}', String(address.index)), base);
}

/** Where the digests of the stored chunks from index `from` on are told. */
export function digestsUrl(base: string, address: ContentAddress, from: number): URL {
  const url = below(placed(DIGESTS_PATH, address), base);
  url.searchParams.set('from', String(from));
  return url;
}
