/** Opening the best sink that this browser has. */
import { ownProblem } from '../protocol/errors';
import { type SaveTarget, type Sink, type SinkAbilities, type SinkKind, sinkOrder } from './sink';
import { openMemorySink } from './sink-memory';
import { openPickedSink } from './sink-picked';
import { openPrivateSink } from './sink-private';
import { openStreamSink } from './sink-stream';

/** Look; not every engine has the objects that are asked here, WebKitGTK no `storage`. */
function abilities(): SinkAbilities {
  return {
    picker: window.showSaveFilePicker !== undefined,
    gesture: 'userActivation' in navigator && navigator.userActivation.isActive,
    serviceWorker: 'serviceWorker' in navigator,
    privateFiles:
      'storage' in navigator &&
      'getDirectory' in navigator.storage &&
      'createWritable' in FileSystemFileHandle.prototype,
  };
}

const OPENERS: {
  readonly [Kind in SinkKind]: (target: SaveTarget, signal: AbortSignal) => Promise<Sink | null>;
} = {
  picked: openPickedSink,
  stream: openStreamSink,
  private: openPrivateSink,
  memory: openMemorySink,
};

/**
 * Open the best sink that works here; call it before anything else in a click's handler.
 *
 * Rejects with `cancelled` when the member closes the dialog, `save_unsupported` when no kind
 * works for this size, the reason of `signal` when that is aborted: then nothing is left open.
 */
export async function openSink(
  target: SaveTarget,
  signal: AbortSignal,
): Promise<{ kind: SinkKind; sink: Sink }> {
  for (const kind of sinkOrder(abilities(), target.size)) {
    const sink = await OPENERS[kind](target, signal);
    if (signal.aborted) await sink?.abort();
    signal.throwIfAborted();
    if (sink !== null) return { kind, sink };
  }
  throw ownProblem('save_unsupported');
}
