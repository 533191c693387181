/**
 * Several contents in one zip file, made while they come: stored, zip64 where it is needed (APPNOTE
 * 6.3.10). The library is loaded when the first is made.
 */
import { ownProblem } from '../protocol/errors';
import { safeFileName, safePath } from './names';

type Bytes = Uint8Array<ArrayBuffer>;

/** Zip files know no other years (APPNOTE 4.4.6). */
const FIRST_YEAR = 1980;
const LAST_YEAR = 2107;
const MODE = 0o644;
/** The library writes how many there are in 16 bits, of which it takes all ones for too many. */
const ENTRIES_MAX = 65_534;
const ID_SHOWN = 8;

/** A content that goes into a zip file. */
export interface ZipEntry {
  readonly contentId: string;
  readonly name: string;
  /** Its path in a shared folder, as its sender wrote it. */
  readonly path: string | null;
  /** Plain bytes. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** A zip file before its first byte. */
export interface Zip {
  /** Of the whole file. */
  readonly size: number;
  /**
   * `open` gives the plain bytes of an entry, which are asked for when it is their turn; what they
   * throw ends the file.
   */
  readonly pieces: (open: (entry: ZipEntry) => AsyncGenerator<Bytes>) => AsyncIterable<Bytes>;
}

/**
 * Give each content's path in a zip, safe and its own: one that is taken, by a file or a folder, gets
 * the short id. The command line does the same (sharethings/client/zipping.py); tests/paths.json
 * tries both.
 */
export function zipNames(entries: readonly ZipEntry[]): readonly string[] {
  const places = entries.map(({ path }) => (path === null ? [] : safePath(path).slice(0, -1)));
  const taken = new Set<string>();
  for (const folders of places) takeFolders(taken, folders);
  return entries.map(({ contentId, name }, at) => {
    for (let nth = 0; ; nth += 1) {
      const file = safeFileName(name, markOf(contentId, nth));
      const given = [...(places[at] ?? []), file].join('/');
      if (taken.has(folded(given))) continue;
      taken.add(folded(given));
      return given;
    }
  });
}

/** Take a folder and those that it is in. */
function takeFolders(taken: Set<string>, folders: readonly string[]): void {
  const path = folded(folders.join('/'));
  for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
    const folder = path.slice(0, end);
    if (taken.has(folder)) return;
    taken.add(folder);
  }
}

/** What is tried in turn: no two contents have one id, so that few of them need a number. */
function markOf(contentId: string, nth: number): string {
  if (nth === 0) return '';
  if (nth === 1) return ` (${contentId.slice(0, ID_SHOWN)})`;
  return nth === 2 ? ` (${contentId})` : ` (${contentId} ${String(nth - 1)})`;
}

/** What disks for which case does not count take for the same; Python folds alike. */
function folded(path: string): string {
  return path.toUpperCase().toLowerCase();
}

/**
 * Plan a zip file. Rejects with `zip_too_many`, and with `page_incomplete` when the library does not
 * load.
 */
export async function zipOf(entries: readonly ZipEntry[]): Promise<Zip> {
  if (entries.length > ENTRIES_MAX) throw ownProblem('zip_too_many');
  const { makeZip, predictLength } = await import('client-zip').catch((cause: unknown) => {
    throw ownProblem('page_incomplete', cause);
  });
  const names = zipNames(entries);
  const about = (entry: ZipEntry, at: number) => ({
    name: names[at] ?? '',
    lastModified: momentOf(entry.createdAt),
    mode: MODE,
  });
  const sizes = entries.map((entry, at) => ({ ...about(entry, at), size: entry.size }));
  return {
    size: Number(predictLength(sizes)),
    pieces: (open) => {
      const files = function* () {
        for (const [at, entry] of entries.entries()) {
          const input = open(entry);
          try {
            yield { ...about(entry, at), input };
          } finally {
            // The library lets go of this list alone when nobody wants more.
            input.return(undefined).catch(() => undefined);
          }
        }
      };
      return read(makeZip(files()));
    },
  };
}

/** What is read is a copy: the library counts what it gave, which a sink may give away. */
async function* read(stream: ReadableStream<Uint8Array>): AsyncGenerator<Bytes> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      if (value.byteLength > 0) yield value.slice();
    }
  } finally {
    // Nobody waits for it: what is being read for it may be long in coming.
    reader.cancel().catch(() => undefined);
  }
}

function momentOf(createdAt: number): Date {
  const moment = new Date(createdAt);
  const year = moment.getFullYear();
  return year < FIRST_YEAR || year > LAST_YEAR ? new Date(FIRST_YEAR, 0, 1) : moment;
}
