/** How fast arrives what others send. */
import type { ContentProgressed } from '../protocol/generated';
import { storedPlainBytes } from './contents';
import { Speedometer } from './speed';
import type { StateStore } from './state';

/** A sender of whom nothing was heard for so long rests, or has a slow line: nobody knows how fast. */
const QUIET_MS = 3_000;

export class Arriving {
  readonly #state: StateStore;
  readonly #speeds = new Map<string, Speedometer>();
  readonly #quiet = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(state: StateStore) {
    this.#state = state;
  }

  /** The server said how much it has of a content by now. */
  hear({ content_id: contentId, stored_count, stored_bytes }: ContentProgressed): void {
    for (const id of this.#speeds.keys()) if (this.#contentOf(id) === null) this.#forget(id);
    const content = this.#contentOf(contentId);
    if (content === null) return;
    const { size, storedBytes } = content;
    const now = performance.now();
    const doneBytes = storedPlainBytes(stored_count, stored_bytes, size);
    const speed = this.#speeds.get(contentId) ?? new Speedometer(size, storedBytes, now);
    this.#forget(contentId);
    this.#speeds.set(contentId, speed);
    this.#state.dispatch({ kind: 'progress', contentId, progress: speed.move(doneBytes, now) });
    this.#quiet.set(
      contentId,
      setTimeout(() => this.#rest(contentId), QUIET_MS),
    );
  }

  /** While nothing comes its average says nothing; it begins anew. */
  #rest(contentId: string): void {
    this.#forget(contentId);
    const content = this.#contentOf(contentId);
    if (content === null) return;
    const { progress } = new Speedometer(content.size, content.storedBytes, performance.now());
    this.#state.dispatch({ kind: 'progress', contentId, progress });
  }

  #forget(contentId: string): void {
    clearTimeout(this.#quiet.get(contentId));
    this.#quiet.delete(contentId);
    this.#speeds.delete(contentId);
  }

  /** The content, as long as another member sends it. */
  #contentOf(contentId: string) {
    const item = this.#state.model.contents.items.get(contentId);
    return item?.kind === 'content' && item.content.state === 'uploading' ? item.content : null;
  }
}
