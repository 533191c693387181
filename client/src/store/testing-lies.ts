/** For tests: what a hostile server may say in place of the truth. */
import { base64url, type Bytes, concat, fromBase64url } from '../crypto/bytes';

export type Answer = Record<string, unknown>;

export const CHUNK_SIZE = 16 * 1024;
export const LIST = 'content:list';
export const SUITE_BITS = [16, 24] as const;
const KIND_BITS = [24, 32] as const;
const INDEX_BITS = [88, 120] as const;

/** What stands in one answer for the truth, and the code that it must be refused with. */
export interface Lie {
  readonly kind: string;
  readonly code: string;
  /** A request's event, or `chunk INDEX`. */
  readonly answer: string;
  readonly tell: (answer: Answer) => unknown;
  /** Of a chunk: its bytes, or none. */
  readonly chunk?: (sealed: Bytes) => Bytes | null;
}

/** The row that a server shows of a content. */
export interface Row extends Answer {
  readonly content_id: string;
  readonly content_box: string;
  readonly manifest: string;
}

/** A content, and what else a server has seen or could have that looks like parts of it. */
export interface Film {
  readonly contentId: string;
  readonly row: Row;
  readonly plain: Bytes;
  readonly firstManifest: string;
  /** Its first manifest, had its sender not known how long it becomes. */
  readonly streamed: string;
  readonly chunks: readonly Bytes[];
  /** The same pieces, sealed by the same sender in another attempt. */
  readonly again: readonly Bytes[];
}

export const range = (from: number, to: number, step = 1) =>
  Array.from({ length: Math.ceil((to - from) / step) }, (_, index) => from + index * step);
export const isIn = (bit: number, [from, to]: readonly [number, number]) => bit >= from && bit < to;

export function flip(bit: number): (bytes: Bytes) => Bytes {
  return (bytes) => bytes.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
}
export const cut = (size: number) => (bytes: Bytes) => bytes.slice(0, size);
export const extend = (size: number) => (bytes: Bytes) => concat(bytes, new Uint8Array(size));
export const inText = (change: (bytes: Bytes) => Bytes) => (value: unknown) =>
  base64url(change(fromBase64url(String(value))));

export function said(kind: string, code: string, answer: string, name: string, to: unknown): Lie {
  return { kind, code, answer, tell: (honest) => ({ ...honest, [name]: to }) };
}

export function changed(
  kind: string,
  code: string,
  answer: string,
  name: string,
  change: (bytes: Bytes) => Bytes,
): Lie {
  const to = inText(change);
  return { kind, code, answer, tell: (honest) => ({ ...honest, [name]: to(honest[name]) }) };
}

/** Tell a lie about one row, under a later revision of the session. */
export function ofRow(film: Film, lie: Lie): Lie {
  const change = (row: unknown): unknown => {
    const isIt = typeof row === 'object' && row !== null && 'content_id' in row;
    if (!isIt || row.content_id !== film.contentId) return row;
    return lie.tell({ ...row, revision: 1_000_000 });
  };
  const tell = (page: Answer) => {
    const { contents } = page;
    return { ...page, contents: Array.isArray(contents) ? contents.map(change) : contents };
  };
  return { ...lie, answer: LIST, tell };
}

/** Bits of the header, of the body here and there, and of the tag, with the code of each. */
export function bitsOf(film: Film, index: number, random: () => number): [number, string][] {
  const length = (film.chunks[index]?.byteLength ?? 0) * 8;
  const isLast = index === film.chunks.length - 1;
  const body = range(0, 100).map(() => 128 + Math.floor(random() * (length - 256)));
  return [...range(0, 128), ...body, ...range(length - 128, length, 4)].map((bit) => {
    if (isIn(bit, SUITE_BITS)) return [bit, 'update_needed'];
    if (isIn(bit, INDEX_BITS)) return [bit, 'chunk_misplaced'];
    if (isLast && isIn(bit, KIND_BITS)) return [bit, 'chunk_extended'];
    return [bit, bit === KIND_BITS[0] ? 'chunk_cut' : 'chunk_foreign'];
  });
}
