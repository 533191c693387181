/** What earlier lives of the page were to send: it waits until its files are chosen again. */
import { ownProblem } from '../protocol/errors';
import { type Draft, draftAll, draftRecalled, interruptedContent } from './drafting';
import type { SealedFolder } from './grouping';
import { uploadOf } from './proof';
import { fitOf } from './recalled';
import type { Means } from './sending';
import type { StateStore } from './state';
import type { Found, Resumed } from './unfinished';

export interface InterruptedDoor {
  readonly start: (draft: Draft, lifetimeSeconds: number | null, resumed: Resumed | null) => void;
  /** Let the server and the member forget it. */
  readonly discard: (contentId: string) => void;
}

/** Whether the server may know of what was stopped; `nothing` when there was nothing to stop. */
export type Stopped = 'heard' | 'unheard' | 'nothing';

type Needed = Pick<Means, 'keys' | 'unfinished' | 'keptSeconds'>;

export class Interrupted {
  readonly #state: StateStore;
  readonly #means: Needed;
  readonly #door: InterruptedDoor;
  readonly #waiting = new Map<string, Found>();
  /** Those in whose place a file is just prepared to be sent. */
  readonly #replaced = new Set<string>();

  constructor(state: StateStore, means: Needed, door: InterruptedDoor) {
    this.#state = state;
    this.#means = means;
    this.#door = door;
  }

  /** Find them, and show each. */
  async recall(): Promise<void> {
    const { unfinished } = this.#means;
    await unfinished.recall((found) => {
      const { contentId } = found.recalled;
      const item = this.#state.model.contents.items.get(contentId);
      if (item?.kind === 'content' && item.content.state !== 'uploading') {
        unfinished.forget(contentId);
        return;
      }
      this.#wait(found);
    });
  }

  /** Go on with those that were shared by themselves and whose files these are; gives the others. */
  async goOn(files: readonly File[]): Promise<readonly File[]> {
    const isAlone = ({ recalled }: Found) => recalled.manifest.folder === null;
    const others: File[] = [];
    for (const file of files) {
      if (!(await this.#resume(this.#all(isAlone), file, false))) others.push(file);
    }
    return others;
  }

  /**
   * Go on with a file of a folder that was cut off, or send it as new where it changed; false when
   * nothing of it is kept.
   */
  async goOnIn({ path, group }: SealedFolder, file: File): Promise<boolean> {
    const asked = this.#all(({ recalled }) => {
      const { folder } = recalled.manifest;
      return folder?.group.id === group.id && folder.path === path;
    });
    return this.#goOnWith(asked, file);
  }

  /**
   * Go on with those whose files these are, or with one alone; what changed is sent as new.
   * Rejects with `file_other` when one of the files is none of theirs, or may be of several.
   */
  async resume(files: readonly File[], contentId: string | null): Promise<void> {
    const isAsked = ({ recalled }: Found) => contentId === null || recalled.contentId === contentId;
    const others: File[] = [];
    for (const file of files) {
      if (!(await this.#goOnWith(this.#all(isAsked), file))) others.push(file);
    }
    if (others.length > 0) throw ownProblem('file_other');
  }

  /**
   * Send a file as new in the place of an upload that has nothing to go on with. Of one that cannot
   * be read it says so, and the upload waits on.
   */
  async sendAnew(resumed: Found & Pick<Resumed, 'file'>): Promise<void> {
    const { contentId, lifetimeSeconds, manifest } = resumed.recalled;
    this.#wait(resumed);
    const chosen = { file: resumed.file, folder: manifest.folder };
    this.#replaced.add(contentId);
    const drafts = await draftAll([chosen], this.#state.model.memberName);
    this.#replaced.delete(contentId);
    for (const draft of drafts) {
      if (!('source' in draft)) this.#state.dispatch({ kind: 'drafts', drafts: [draft] });
      else if (this.#waiting.has(contentId)) {
        this.#door.discard(contentId);
        this.#door.start(draft, lifetimeSeconds, null);
      }
    }
  }

  /** Whether a file is about to be sent in its place: that the server has it no more changes nothing. */
  isReplaced(contentId: string): boolean {
    return this.#replaced.has(contentId);
  }

  /** It is gone; gives whether the server may know of it, `nothing` when it is none of these. */
  drop(contentId: string): Stopped {
    const found = this.#waiting.get(contentId);
    this.#waiting.delete(contentId);
    if (found === undefined) return 'nothing';
    return found.recalled.blobId === null ? 'unheard' : 'heard';
  }

  #wait(found: Found): void {
    this.#waiting.set(found.recalled.contentId, found);
    const draft = interruptedContent(found.recalled, this.#means.keptSeconds);
    this.#state.dispatch({ kind: 'drafts', drafts: [draft] });
  }

  #all(isAsked: (found: Found) => boolean): readonly Found[] {
    return [...this.#waiting.values()].filter(isAsked);
  }

  async #goOnWith(asked: readonly Found[], file: File): Promise<boolean> {
    return (await this.#resume(asked, file, true)) || this.#replace(asked, file);
  }

  async #resume(asked: readonly Found[], file: File, isMeant: boolean): Promise<boolean> {
    const found = await uploadOf(asked, file, this.#means.keys, isMeant);
    // It may have gone while the file was read.
    if (found === null || !this.#waiting.has(found.recalled.contentId)) return false;
    const { recalled, digests } = found;
    if (recalled.blobId === null) {
      await this.sendAnew({ ...found, file });
      return true;
    }
    this.drop(recalled.contentId);
    const resumed = { recalled, digests, file };
    this.#door.start(draftRecalled(recalled, file), recalled.lifetimeSeconds, resumed);
    return true;
  }

  async #replace(asked: readonly Found[], file: File): Promise<boolean> {
    const changed = asked.filter(
      ({ recalled }) =>
        this.#waiting.has(recalled.contentId) && fitOf(recalled, file) === 'changed',
    );
    const [found, ...others] = changed;
    if (found === undefined || others.length > 0) return false;
    await this.sendAnew({ ...found, file });
    return true;
  }
}
