/** Plain chunks out of a file: read piece by piece, never the whole of it. */
import { ownProblem } from '../protocol/errors';
import type { Layout } from './sizes';

/** A file or text to share, as it was when it was chosen. */
export interface Source {
  /** Plain bytes of chunk `index`, with the zero bytes of padding behind the end. */
  readonly readChunk: (index: number) => Promise<Uint8Array<ArrayBuffer>>;
}

/**
 * Open a blob for reading in chunks of `layout`.
 *
 * Reading rejects with `file_changed` when the file is another than the one chosen. Slices are
 * read to memory first: a file-backed body of a request hangs in Safari.
 */
export function openSource(blob: Blob, layout: Layout): Source {
  const modified = blob instanceof File ? blob.lastModified : 0;
  return {
    readChunk: async (index) => {
      const start = index * layout.chunkSize;
      const length = Math.min(layout.chunkSize, layout.paddedSize - start);
      const end = Math.min(start + length, layout.size);
      const found = end > start ? await readSlice(blob, start, end) : new Uint8Array();
      const isSame = blob.size === layout.size && found.byteLength === Math.max(0, end - start);
      if (!isSame || (blob instanceof File && blob.lastModified !== modified)) {
        throw ownProblem('file_changed');
      }
      if (found.byteLength === length) return found;
      const padded = new Uint8Array(length);
      padded.set(found);
      return padded;
    },
  };
}

async function readSlice(blob: Blob, start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await blob.slice(start, end).arrayBuffer());
  } catch (cause) {
    // Browsers fail the read of a file that was changed, moved or deleted (NotReadableError).
    throw ownProblem('file_changed', cause);
  }
}
