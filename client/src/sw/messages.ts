/**
 * What the page and the service worker say to each other about one streamed save.
 *
 * The page announces the save with a port; the download then pulls piece after piece over it,
 * so that no more than one piece waits in memory.
 */

/** The scope of the worker below the page: it answers `save/{id}`. */
export const SAVE_FOLDER = 'save/';

/**
 * Page to worker; each with a MessagePort. `ping` keeps the worker alive during a long save, and
 * asks whether it still feeds it: `alive`, or `stopped` by a worker that knows nothing of it.
 */
export type PageMessage =
  | {
      readonly kind: 'save';
      readonly id: string;
      readonly name: string;
      readonly size: number | null;
    }
  | { readonly kind: 'ping'; readonly id: string };

/** Worker to page over the port: the save is known, the next piece is wanted, it goes on, it was stopped. */
export type WorkerWord = 'ready' | 'pull' | 'alive' | 'stopped';

/** Page to worker over the port. */
export type PageWord =
  | { readonly kind: 'piece'; readonly plain: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'end' }
  | { readonly kind: 'failed' };
