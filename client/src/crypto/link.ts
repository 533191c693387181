/** Links: a session's name and passphrase in a fragment, with a check (protocol.md 4). */
import { base64url, concat, equal, fromBase64url, readUtf8 } from './bytes';
import { CryptoError } from './errors';
import { normName } from './kdf';
import { label, norm, sha256 } from './keys';

const VERSION = 1;
const NO_FLAGS = 0;
const CHECK_BYTES = 4;
const HEADER_BYTES = 3;

/** What follows `#s=`. Throws a CryptoError of kind limit unless the name has 1 to 255 bytes. */
export async function makeLink(sessionName: string, passphrase: string): Promise<string> {
  const name = normName(sessionName);
  const head = Uint8Array.of(VERSION, NO_FLAGS, name.byteLength);
  const body = concat(head, name, norm(passphrase));
  const check = await sha256(label('link'), body);
  return base64url(concat(body, check.subarray(0, CHECK_BYTES)));
}

export interface LinkTarget {
  readonly sessionName: string;
  readonly passphrase: string;
}

/** Throws a CryptoError: format for what is no link of v1, authentication for one with a typo. */
export async function readLink(text: string): Promise<LinkTarget> {
  const data = fromBase64url(text);
  if (data.byteLength < HEADER_BYTES + CHECK_BYTES || data[0] !== VERSION) {
    throw new CryptoError('format');
  }
  const body = data.subarray(0, -CHECK_BYTES);
  const check = await sha256(label('link'), body);
  if (!equal(check.subarray(0, CHECK_BYTES), data.subarray(-CHECK_BYTES))) {
    throw new CryptoError('authentication');
  }
  const end = HEADER_BYTES + (body[2] ?? 0);
  return {
    sessionName: readUtf8(body.subarray(HEADER_BYTES, end)),
    passphrase: readUtf8(body.subarray(end)),
  };
}
