/** What a browser does with a content, as the pages show it. */
import type { Problem } from './model';

/** Bytes that are on their way, in either direction. */
export interface Progress {
  readonly doneBytes: number;
  /** Null while a stream of unknown length is sent. */
  readonly totalBytes: number | null;
  readonly bytesPerSecond: number;
  readonly secondsLeft: number | null;
}

/** `until`: the moment (ms since 1970) before which it does not go on, if the server asked for long. */
interface Standstill {
  readonly kind: 'waiting';
  readonly progress: Progress;
  readonly problem: Problem | null;
  readonly until?: number;
}

/** What this browser is doing with a content. */
export type Activity =
  /** `isSaved`: until a moment ago it was being saved, and now all of it is. */
  | { readonly kind: 'idle'; readonly isSaved?: true }
  /** A file is read through before it is sent: whether the session has it already. */
  | { readonly kind: 'reading'; readonly progress: Progress }
  | { readonly kind: 'sending'; readonly progress: Progress }
  /** Sending or saving waits for the connection or for space and goes on by itself. */
  | Standstill
  | { readonly kind: 'saving'; readonly progress: Progress }
  /** Sending rests because the member said so, until `goOn`. */
  | { readonly kind: 'paused'; readonly progress: Progress }
  /**
   * An earlier life of this page was to send it: it goes on with the same file (`resume`).
   * The server keeps what has arrived for so long after the last piece; null where nothing was sent.
   */
  | { readonly kind: 'interrupted'; readonly keptSeconds: number | null }
  /** Not saved yet: so many plain bytes of it are kept here, and it goes on from there. */
  | { readonly kind: 'kept'; readonly keptBytes: number; readonly problem: Problem | null }
  /** Another tab of this browser is saving it, or has what is kept of it. */
  | { readonly kind: 'elsewhere' }
  /** `again`: it can be shared once more as it is. */
  | { readonly kind: 'failed'; readonly problem: Problem; readonly again?: boolean };
