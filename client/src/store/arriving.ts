/** How fast arrives what others send. */
import type { ContentProgressed } from '../protocol/generated';
import { storedPlainBytes } from './contents';
import { Speedometer } from './speed';
import type { StateStore } from './state';

export class Arriving {
  readonly #state: StateStore;
  readonly #speeds = new Map<string, Speedometer>();

  constructor(state: StateStore) {
    this.#state = state;
  }

  /** The server said how much it has of a content by now. */
  hear({ content_id: contentId, stored_count, stored_bytes }: ContentProgressed): void {
    const { items } = this.#state.model.contents;
    const contentOf = (id: string) => {
      const item = items.get(id);
      return item?.kind === 'content' && item.content.state === 'uploading' ? item.content : null;
    };
    for (const id of this.#speeds.keys()) if (contentOf(id) === null) this.#speeds.delete(id);
    const content = contentOf(contentId);
    if (content === null) return;
    const { size, storedBytes } = content;
    const now = performance.now();
    const doneBytes = storedPlainBytes(stored_count, stored_bytes, size);
    const speed = this.#speeds.get(contentId) ?? new Speedometer(size, storedBytes, now);
    this.#speeds.set(contentId, speed);
    this.#state.dispatch({ kind: 'progress', contentId, progress: speed.move(doneBytes, now) });
  }
}
