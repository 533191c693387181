/** A sink on a file handle's writable: its bytes go to a swap file until `close`. */
import { ownProblem } from '../protocol/errors';
import type { Sink } from './sink';

export function writableSink(writable: FileSystemWritableFileStream): Sink {
  const failing = (cause: unknown): never => {
    throw ownProblem('save_failed', cause);
  };
  return {
    write: (plain) => writable.write(plain).catch(failing),
    close: () => writable.close().catch(failing),
    // What cannot be aborted any more was closed by its failure already.
    abort: () => writable.abort().catch(() => undefined),
  };
}
