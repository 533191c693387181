/** Rows and pages for the tests of the store. */
import type { Content as Row } from '../protocol/generated';
import type { OpenedRow } from './contents';
import type { Progress } from './model';
import { readManifest } from './manifest';
import type { OpenedPage } from './session';

export function idOf(number: number): string {
  return number.toString(16).padStart(32, '0');
}

export function manifestJson(name: string): Record<string, unknown> {
  return {
    v: 1,
    kind: 'file',
    name,
    mime: 'text/plain',
    size: 100_000,
    chunk_size: 1_048_576,
    chunks: 1,
    created: 5,
    sender: 'Ada',
  };
}

export function rowOf(number: number, revision: number, values: Partial<Row> = {}): Row {
  return {
    content_id: idOf(number),
    blob_id: idOf(number),
    position: number,
    revision,
    state: 'complete',
    pinned: false,
    chunk_size: 1_048_576,
    chunk_count: 1,
    total_size: 100_032,
    stored_count: 1,
    stored_bytes: 100_032,
    created_at: 5,
    content_box: '',
    manifest: '',
    sender: null,
    chunk: null,
    expires_at: null,
    ...values,
  };
}

export function openedOf(number: number, revision: number, values: Partial<Row> = {}) {
  const name = `${String(number)}@${String(revision)}`;
  const opened = { manifest: readManifest(manifestJson(name)), manifestRevision: 1, text: null };
  return { row: rowOf(number, revision, values), opened } satisfies OpenedRow;
}

/** A content of 100,000 bytes of which so many have arrived. */
export function arrivingOf(doneBytes: number): Progress {
  return { doneBytes, totalBytes: 100_000, bytesPerSecond: 0, secondsLeft: null };
}

export function pageOf(asked: OpenedPage['asked'], values: Partial<OpenedPage>): OpenedPage {
  return {
    asked,
    through: 0,
    rows: [],
    removed: [],
    members: [],
    more: false,
    reset: false,
    ...values,
  };
}

/** Numbers in [0, 1) that are the same at every run (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
