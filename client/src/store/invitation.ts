/** Invitations: a session's name and passphrase in the fragment of a link (protocol.md 4). */
import { type LinkTarget, makeLink, readLink } from '../crypto/link';
import { guarded } from './guard';

export type { LinkTarget } from '../crypto/link';

const FRAGMENT = '#s=';

/** The link to this page that opens the session; it holds the passphrase. */
export async function invitationUrl(sessionName: string, passphrase: string): Promise<string> {
  const link = await guarded('name_refused', () => makeLink(sessionName, passphrase));
  const page = new URL('.', document.baseURI).href;
  return `${page}${FRAGMENT}${link}`;
}

/** Read a page's fragment; null when it is no invitation. Rejects with `link_broken`. */
export async function readInvitation(fragment: string): Promise<LinkTarget | null> {
  if (!fragment.startsWith(FRAGMENT)) return null;
  return guarded('link_broken', () => readLink(fragment.slice(FRAGMENT.length)));
}
