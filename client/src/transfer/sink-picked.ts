/** Saving into a file that the member chooses; the browser gives it its name at `close`. */
import { ownProblem } from '../protocol/errors';
import type { SaveTarget, Sink } from './sink';
import { writableSink } from './sink-writable';

/** Ask for the file; null when the browser does not let this page ask. */
export async function openPickedSink(target: SaveTarget): Promise<Sink | null> {
  try {
    const handle = await window.showSaveFilePicker?.({ suggestedName: target.name });
    return handle === undefined ? null : writableSink(await handle.createWritable());
  } catch (thrown) {
    if (thrown instanceof DOMException && thrown.name === 'AbortError') {
      throw ownProblem('cancelled', thrown);
    }
    return null;
  }
}
