/** Contents that were given up here: the server is asked to remove them, a few at a time. */
import { persist } from '../transfer/links';
import { Places } from '../transfer/window';
import type { Lines } from './connection';

/** As many as are sent at the same time; what a member does next waits behind no more of them. */
const REMOVALS_COUNT = 6;

export class Removals {
  readonly #lines: Lines;
  readonly #places = new Places(REMOVALS_COUNT);

  constructor(lines: Lines) {
    this.#lines = lines;
  }

  /** Let the server forget it: now, or when there is a connection again; not after the session. */
  ask(contentId: string): void {
    const { signal } = new AbortController(); // the session ends it
    void this.#places
      .take(() =>
        persist(
          this.#lines,
          signal,
          () => undefined,
          ({ control }) => control.request('content:remove', { content_id: contentId }),
        ),
      )
      .catch(() => undefined);
  }
}
