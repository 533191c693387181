/** Saving a small content out of memory, where nothing better works. */
import { ownProblem } from '../protocol/errors';
import { offerDownload } from './offer';
import { MEMORY_SAVE_MAX_BYTES, type SaveTarget, type Sink } from './sink';

/** Collect the bytes and offer them at `close`; holds the whole content, under 50 MB. */
export function openMemorySink(target: SaveTarget): Promise<Sink> {
  let parts: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  return Promise.resolve({
    write: (plain) => {
      length += plain.byteLength;
      if (length > MEMORY_SAVE_MAX_BYTES) return Promise.reject(ownProblem('save_unsupported'));
      parts.push(plain);
      return Promise.resolve();
    },
    close: () => {
      offerDownload(new Blob(parts, { type: 'application/octet-stream' }), target.name);
      return Promise.resolve();
    },
    abort: () => {
      parts = [];
      return Promise.resolve();
    },
  });
}
