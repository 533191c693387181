/** Saving into a file that the member chooses; the browser gives it its name at `close`. */
import { ownProblem } from '../protocol/errors';
import type { SaveTarget, Sink } from './sink';
import { writableSink } from './sink-writable';

/** Ask for the file; null when the browser does not let this page ask. */
export async function openPickedSink(target: SaveTarget): Promise<Sink | null> {
  try {
    const handle = await window.showSaveFilePicker?.({ suggestedName: target.name });
    if (handle === undefined) return null;
    const file = writableSink(await handle.createWritable());
    return {
      ...file,
      abort: async () => {
        await file.abort();
        await removeEmpty(handle).catch(() => undefined);
      },
    };
  } catch (thrown) {
    if (thrown instanceof DOMException && thrown.name === 'AbortError') {
      throw ownProblem('cancelled', thrown);
    }
    return null;
  }
}

/** Remove the file that the dialog has made; one that the member had before keeps its bytes. */
async function removeEmpty(handle: FileSystemFileHandle): Promise<void> {
  if ((await handle.getFile()).size === 0) await handle.remove?.();
}
