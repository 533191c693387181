/** What earlier lives of the page began to send: it waits until its files are chosen again. */
import { ownProblem } from '../protocol/errors';
import { type Draft, draftAll, draftRecalled, interruptedContent } from './drafting';
import { fitOf } from './recalled';
import type { Means } from './sending';
import type { StateStore } from './state';
import type { Found } from './unfinished';

export interface InterruptedDoor {
  readonly start: (draft: Draft, lifetimeSeconds: number | null, found: Found | null) => void;
  /** Let the server and the member forget it. */
  readonly discard: (contentId: string) => void;
}

export class Interrupted {
  readonly #state: StateStore;
  readonly #means: Pick<Means, 'unfinished' | 'keptSeconds'>;
  readonly #door: InterruptedDoor;
  readonly #waiting = new Map<string, Found>();

  constructor(
    state: StateStore,
    means: Pick<Means, 'unfinished' | 'keptSeconds'>,
    door: InterruptedDoor,
  ) {
    this.#state = state;
    this.#means = means;
    this.#door = door;
  }

  /** Find them, and show each. */
  async recall(): Promise<void> {
    const { unfinished, keptSeconds } = this.#means;
    await unfinished.recall((found) => {
      const { contentId } = found.recalled;
      const item = this.#state.model.contents.items.get(contentId);
      if (item?.kind === 'content' && item.content.state !== 'uploading') {
        unfinished.forget(contentId);
        return;
      }
      this.#waiting.set(contentId, found);
      const draft = interruptedContent(found.recalled, keptSeconds);
      this.#state.dispatch({ kind: 'draft', draft });
    });
  }

  /** Go on with those whose very files these are, by name too; gives the other files. */
  goOn(files: readonly File[]): readonly File[] {
    return files.filter((file) => {
      const isNamesake = ({ recalled }: Found) => recalled.manifest.name === file.name;
      return !this.#resume(this.#all(isNamesake), file);
    });
  }

  /**
   * Go on with those whose files these are, or with one alone; what changed is sent as new.
   * Rejects with `file_other` when one of the files is none of theirs.
   */
  async resume(files: readonly File[], contentId: string | null): Promise<void> {
    const isAsked = ({ recalled }: Found) => contentId === null || recalled.contentId === contentId;
    const others: File[] = [];
    for (const file of files) {
      const asked = this.#all(isAsked);
      if (!this.#resume(asked, file) && !(await this.#replace(asked, file))) others.push(file);
    }
    if (others.length > 0) throw ownProblem('file_other');
  }

  /** It is gone; false when it is none of these. */
  drop(contentId: string): boolean {
    return this.#waiting.delete(contentId);
  }

  #all(isAsked: (found: Found) => boolean): readonly Found[] {
    return [...this.#waiting.values()].filter(isAsked);
  }

  #resume(asked: readonly Found[], file: File): boolean {
    const found = asked.find(({ recalled }) => fitOf(recalled, file) === 'same');
    if (found === undefined) return false;
    this.drop(found.recalled.contentId);
    this.#door.start(draftRecalled(found.recalled, file), found.recalled.lifetimeSeconds, found);
    return true;
  }

  async #replace(asked: readonly Found[], file: File): Promise<boolean> {
    const changed = asked.find(({ recalled }) => fitOf(recalled, file) === 'changed');
    if (changed === undefined) return false;
    await this.#startAnew(changed, file);
    return true;
  }

  /**
   * Send a file as new in the place of an upload that has nothing to go on with. Of one that cannot
   * be read it says so, and the upload waits on.
   */
  async #startAnew({ recalled }: Found, file: File): Promise<void> {
    const { contentId, lifetimeSeconds, manifest } = recalled;
    const { memberName } = this.#state.model;
    for (const draft of await draftAll([{ file, folder: manifest.folder }], memberName)) {
      if (!('source' in draft)) this.#state.dispatch({ kind: 'draft', draft });
      else if (this.#waiting.has(contentId)) {
        this.#door.discard(contentId);
        this.#door.start(draft, lifetimeSeconds, null);
      }
    }
  }
}
