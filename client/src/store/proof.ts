/** Which upload a file is of: its bytes prove what its name and its times do not. */
import { equal, hex, randomBytes } from '../crypto/bytes';
import type { KeyPort } from '../crypto/port';
import { digestPieces } from '../transfer/reading';
import { type Draft, draftRecalled } from './drafting';
import { fitOf } from './recalled';
import { equalKeys } from './sealing';
import type { Digests, Found } from './unfinished';

const ID_BYTES = 16;

/**
 * Whether the draft of a file has the plain bytes of the chunks of `digests`, which are read.
 * `onRead` hears the plain bytes read. Rejects with `file_changed`, and with `cancelled`.
 */
export async function hasSealed(
  { source, layout }: Draft,
  digests: ReadonlyMap<number, Digests>,
  { digest }: KeyPort,
  onRead: (doneBytes: number) => void,
  signal: AbortSignal,
): Promise<boolean> {
  const found = await digestPieces(source, layout, digest, onRead, signal, digests.keys());
  return [...digests].every(([index, { plain }]) => {
    const own = found[index];
    return own !== undefined && equal(own, plain);
  });
}

/** Whether a file is proved to be that of an upload; one of which nothing was sent proves none. */
async function isProved({ recalled, digests }: Found, file: File, keys: KeyPort) {
  if (recalled.blobId === null) return false;
  const never = new AbortController().signal;
  const draft = draftRecalled(recalled, file);
  if (!recalled.isEqual) {
    return digests.size > 0 && hasSealed(draft, digests, keys, () => undefined, never);
  }
  // Under an id of its own: the content may be shown meanwhile, and needs its keys.
  const contentId = hex(randomBytes(ID_BYTES));
  const made = await equalKeys({ ...draft, contentId }, keys, () => undefined, never);
  await keys.keeper.forgetContent(contentId);
  return made.blobId === recalled.blobId;
}

/**
 * Find the upload that goes on with a file; null when there is none, or none is proved. One whose
 * file had another time of change counts only when none had the same. Its bytes prove it where
 * there are several, and where nobody said that the file `isMeant` to go on with what was begun.
 * Of those that only waited, each by itself, one is as good as the other.
 */
export async function uploadOf(
  founds: readonly Found[],
  file: File,
  keys: KeyPort,
  isMeant: boolean,
): Promise<Found | null> {
  const fits = founds.filter(({ recalled }) => fitOf(recalled, file) === 'same');
  const untouched = fits.filter(({ recalled }) => recalled.modifiedAt === file.lastModified);
  const likely = untouched.length > 0 ? untouched : fits;
  const [first, ...others] = likely;
  if (first === undefined) return null;
  if (others.length === 0 && (isMeant || untouched.length > 0)) return first;
  for (const found of likely) {
    // What cannot be read proves nothing.
    if (await isProved(found, file, keys).catch(() => false)) return found;
  }
  const waited = likely.find(
    ({ recalled }) => recalled.blobId === null && recalled.manifest.folder === null,
  );
  return waited ?? null;
}
