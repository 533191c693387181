/**
 * Giving the memory of buffers back at once (docs/decisions/0030).
 *
 * Engines collect buffers when they please: V8 lets 64 MB of them lie in each isolate. What is
 * transferred to a port is nobody's here any more, and what nobody receives is freed.
 */
import type { Bytes } from './bytes';

/** Free bytes that nobody reads again; they are empty afterwards. */
export function discard({ buffer: spent }: Bytes): void {
  const { port1, port2 } = new MessageChannel();
  port2.close();
  port1.postMessage(null, [spent]);
  port1.close();
}
