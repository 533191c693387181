/** For tests: what a hostile server may say of contents and give for their chunks. */
import { type Bytes, concat, fromBase64url, u32 } from '../crypto/bytes';
import {
  bitsOf,
  changed,
  CHUNK_SIZE,
  cut,
  extend,
  type Film,
  flip,
  inText,
  isIn,
  type Lie,
  LIST,
  ofRow,
  range,
  said,
  SUITE_BITS,
} from './testing-lies';

const always = (bytes: Bytes | undefined) => () => bytes ?? null;

/** Rows whose box or manifest is not the one that a member has sealed for this content. */
export function rowLies(film: Film, strangers: readonly Film[]): readonly Lie[] {
  const damaged = 'content_damaged';
  const manifest = fromBase64url(film.row.manifest);
  const codeAt = (bit: number) => (isIn(bit, SUITE_BITS) ? 'update_needed' : damaged);
  const renumbered = (revision: number) => (bytes: Bytes) =>
    concat(bytes.subarray(0, 4), u32(revision), bytes.subarray(8));
  return [
    ...range(0, 800, 3).map((bit) =>
      changed('content box, a bit', codeAt(bit), LIST, 'content_box', flip(bit)),
    ),
    ...range(0, manifest.byteLength).map((at) =>
      changed(
        'manifest, a bit',
        codeAt(8 * at + (at & 7)),
        LIST,
        'manifest',
        flip(8 * at + (at & 7)),
      ),
    ),
    ...range(36, manifest.byteLength, 8).map((size) =>
      changed('manifest, cut', damaged, LIST, 'manifest', cut(size)),
    ),
    ...range(1, 50).map((size) =>
      changed('manifest, extended', damaged, LIST, 'manifest', extend(size)),
    ),
    ...strangers.flatMap(({ row }) =>
      (['content_box', 'manifest'] as const).map((name) =>
        said('swapped', damaged, LIST, name, row[name]),
      ),
    ),
    said('rolled back', 'manifest_rolled_back', LIST, 'manifest', film.firstManifest),
    ...range(2, 34).map((revision) => {
      const to = inText(renumbered(revision))(film.firstManifest);
      return said('rolled back and renumbered', damaged, LIST, 'manifest', to);
    }),
  ].map((lie) => ofRow(film, lie));
}

/** Small texts, whose only chunk stands in the row. */
export function textLies(
  note: Film,
  other: Film | undefined,
  random: () => number,
): readonly Lie[] {
  return [
    ...bitsOf(note, 0, random).map(([bit, code]) =>
      changed('text, a bit', code, LIST, 'chunk', flip(bit)),
    ),
    ...range(32, 288, 2).map((size) => changed('text, cut', 'chunk_cut', LIST, 'chunk', cut(size))),
    changed('text, of another', 'chunk_extended', LIST, 'chunk', (own) => other?.chunks[0] ?? own),
    changed('text, of another', 'chunk_misplaced', LIST, 'chunk', (own) => other?.chunks[3] ?? own),
    changed('text, of two attempts', 'content_mixed', LIST, 'chunk', (own) => note.again[0] ?? own),
  ].map((lie) => ofRow(note, lie));
}

/** Until a content is complete, these could be true of it. */
export const SEEN_AT_THE_END = ['chunk, of two attempts', 'chunk, left out'];

/** Chunks that are not the ones of their places. */
export function chunkLies(
  film: Film,
  strangers: readonly Film[],
  random: () => number,
): readonly Lie[] {
  return film.chunks.flatMap((_, index) => {
    const lie = (kind: string, code: string, chunk: (bytes: Bytes) => Bytes | null): Lie => {
      const answer = `chunk ${String(index)}`;
      return { kind: `chunk, ${kind}`, code, answer, tell: (honest) => honest, chunk };
    };
    const sizes = range(0, 40).map(() => Math.floor(random() * CHUNK_SIZE));
    return [
      ...bitsOf(film, index, random).map(([bit, code]) => lie('a bit', code, flip(bit))),
      ...[0, 1, 31, 32, ...sizes].map((size) => lie('cut', 'chunk_cut', cut(size))),
      ...[1, 32, ...sizes].map((size) => lie('extended', 'chunk_extended', extend(size + 1))),
      ...film.chunks
        .filter((__, place) => place !== index)
        .map((moved) => lie('of another place', 'chunk_misplaced', always(moved))),
      ...strangers.map(({ chunks }) =>
        lie('of another content or session', 'chunk_foreign', always(chunks[index])),
      ),
      lie('of two attempts', 'content_mixed', always(film.again[index])),
      lie('left out', 'content_damaged', always(undefined)),
    ];
  });
}
