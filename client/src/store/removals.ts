/** Contents that were given up here: the server is asked to remove them, a few at a time. */
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

  /** Let the server forget it; off line it does so by itself, some time after its last chunk. */
  ask(contentId: string): void {
    void this.#places
      .take(async () => {
        await this.#lines.now().control.request('content:remove', { content_id: contentId });
      })
      .catch(() => undefined);
  }
}
