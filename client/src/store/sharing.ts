/** Sharing what was chosen: on with what was interrupted, and the rest from its beginning. */
import { type Begun, begunOf } from './begun';
import { type Chosen, draftAll, together } from './drafting';
import type { ChosenFolder } from './grouping';
import { viewOf } from './session';
import type { StateStore } from './state';
import type { Uploads } from './uploads';

/** Files whose first bytes are read at the same time. */
const DRAFTS_COUNT = 64;

export class Sharing {
  readonly #state: StateStore;
  readonly #uploads: Uploads;
  readonly #loadOlder: () => Promise<void>;

  /** `loadOlder` has older contents listed, where there are some. */
  constructor(state: StateStore, uploads: Uploads, loadOlder: () => Promise<void>) {
    this.#state = state;
    this.#uploads = uploads;
    this.#loadOlder = loadOlder;
  }

  /**
   * Send files in their order, and go on with those that were interrupted; one that cannot be sent
   * stays with its name and the reason, and keeps none of the others back.
   */
  async share(files: readonly File[]): Promise<void> {
    const others = await this.#uploads.interrupted.goOn(files);
    await this.#send(others.map((file) => ({ file, folder: null })));
  }

  /**
   * Send the files of a folder as a group; of one that was cut off what is not there yet, in the
   * group that it has. Rejects with `folder_empty`, and with `offline` when it cannot be asked what
   * is there.
   */
  async shareFolder(folder: ChosenFolder): Promise<void> {
    const begun = await this.#begun(folder);
    await this.#send(begun === null ? together(folder) : await this.#goOn(folder, begun));
  }

  /** What of a folder is there, also among contents that were not listed yet. */
  async #begun(folder: ChosenFolder): Promise<Begun | null> {
    for (;;) {
      const begun = begunOf(viewOf(this.#state.model), folder);
      const { hasOlder, oldest } = this.#state.model.contents;
      if (begun === null || !hasOlder) return begun;
      await this.#loadOlder();
      if (this.#state.model.contents.oldest === oldest) return begun;
    }
  }

  /** Go on with what was interrupted; gives what had not begun. */
  async #goOn({ files }: ChosenFolder, { group, whole, failed }: Begun) {
    for (const contentId of failed) {
      this.#uploads.cancel(contentId);
      this.#uploads.forget(contentId);
    }
    const others: Chosen[] = [];
    for (const { file, path } of files) {
      const folder = { path, group };
      if (whole.has(path) || (await this.#uploads.interrupted.goOnIn(folder, file))) continue;
      others.push({ file, folder });
    }
    return others;
  }

  async #send(chosen: readonly Chosen[]): Promise<void> {
    const { memberName } = this.#state.model;
    for (let at = 0; at < chosen.length; at += DRAFTS_COUNT) {
      this.#uploads.startAll(await draftAll(chosen.slice(at, at + DRAFTS_COUNT), memberName));
    }
  }
}
