/**
 * Where a content is saved to. All kinds write as they go; only the last holds it in memory.
 *
 * A sink shows nothing as complete before `close`: a failed content is aborted instead.
 */
/** Takes the plain bytes of one content, in order. */
export interface Sink {
  readonly write: (plain: Uint8Array<ArrayBuffer>) => Promise<void>;
  readonly close: () => Promise<void>;
  /** Leave nothing behind. */
  readonly abort: () => Promise<void>;
}

/** What is saved: a safe file name, and the size in bytes if it is known. */
export interface SaveTarget {
  readonly name: string;
  readonly size: number | null;
}

/**
 * `picked`: straight into a file that the member chooses. `stream`: a download fed by the
 * service worker. `private`: a file of the page's own storage, then a download of it.
 * `memory`: small contents only.
 */
export type SinkKind = 'picked' | 'stream' | 'private' | 'memory';

/** What this browser can do now. */
export interface SinkAbilities {
  readonly picker: boolean;
  /** Whether the member has just clicked: the picker opens only then. */
  readonly gesture: boolean;
  readonly serviceWorker: boolean;
  readonly privateFiles: boolean;
}

/** A content that has to pass through memory is smaller than this. */
export const MEMORY_SAVE_MAX_BYTES = 50 * 1024 * 1024;

/** The kinds of sinks to try, best first. */
export function sinkOrder(can: SinkAbilities, size: number | null): readonly SinkKind[] {
  const order: SinkKind[] = [];
  if (can.picker && can.gesture) order.push('picked');
  if (can.serviceWorker) order.push('stream');
  if (can.privateFiles) order.push('private');
  if (size !== null && size < MEMORY_SAVE_MAX_BYTES) order.push('memory');
  return order;
}
