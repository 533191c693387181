/** Keeping up with the server's rows: pages, gaps, announcements. */
import type { Announced, Control } from '../protocol/control';
import { ownProblem } from '../protocol/errors';
import type { ContentRemoved, Page } from '../protocol/generated';
import { Arriving } from './arriving';
import { sharedIds } from './contents';
import type { Opener } from './opening';
import { judge, type OpenedPage, type Revised } from './session';
import type { StateStore } from './state';

/** More for an answer with a page of contents: it can be long, and its line slow. */
export const PAGE_MS = 20_000;

export type RemovalReason = ContentRemoved['reason'];

/** Contents were removed for a `reason`: a page, null, does not tell it. */
export type OnGone = (contentIds: readonly string[], reason: RemovalReason | null) => void;

export class Listing {
  readonly #state: StateStore;
  readonly #opener: Opener;
  readonly #arriving: Arriving;
  readonly #onGone: OnGone;

  /** `onGone` hears of contents that were removed, before the state does. */
  constructor(state: StateStore, opener: Opener, onGone: OnGone) {
    this.#state = state;
    this.#opener = opener;
    this.#arriving = new Arriving(state);
    this.#onGone = onGone;
  }

  /**
   * Take in a page, and those that follow until everything that changed is known; rejects with
   * `bad_answer` when a page leads no further.
   */
  async take(control: Control, asked: OpenedPage['asked'], page: Page): Promise<void> {
    let present = page;
    for (;;) {
      await this.#forget(present.removed, null);
      const opened = await this.#opener.page(asked, present);
      this.#state.dispatch({ kind: 'page', page: opened });
      // A listing from the start is taken further by the member (`loadOlder`).
      if (asked !== 'since' || present.reset || !present.more) return;
      const { through } = present;
      present = await control.request('content:list', { since: through }, PAGE_MS);
      // Else it could go on for ever.
      if (present.more && !present.reset && present.through <= through) {
        throw ownProblem('bad_answer');
      }
    }
  }

  /** Ask for all that changed since the last known revision. */
  async catchUp(control: Control): Promise<void> {
    const since = this.#state.model.revision;
    const page = await control.request('content:list', { since }, PAGE_MS);
    await this.take(control, 'since', page);
  }

  /** Ask for the contents before the oldest known one. */
  async loadOlder(control: Control): Promise<void> {
    const { hasOlder, oldest } = this.#state.model.contents;
    if (!hasOlder || oldest === null) return;
    const asked = { before: oldest };
    await this.take(control, asked, await control.request('content:list', asked, PAGE_MS));
  }

  /** Take in an announcement; one that is not the next shows that some were missed. */
  async hear(control: Control, announced: Announced): Promise<void> {
    if (announced.event === 'content:progressed') {
      this.#arriving.hear(announced.body);
      return;
    }
    if (announced.event === 'event:sent') {
      const { member_id: memberId, sealed } = announced.body;
      const name = await this.#opener.profileName(memberId, sealed);
      if (name !== null) this.#state.dispatch({ kind: 'named', memberId, name });
      return;
    }
    if (announced.event === 'session:ended' || announced.event === 'member:idled') return;
    const { revision } = announced.body;
    const verdict = judge(this.#state.model.revision, revision);
    if (verdict === 'gap') await this.catchUp(control);
    if (verdict !== 'next') return;
    const change = await this.#revisedBy(announced);
    this.#state.dispatch({ kind: 'revised', revision, change });
  }

  async #forget(contentIds: readonly string[], reason: RemovalReason | null): Promise<void> {
    this.#onGone(contentIds, reason);
    await this.#opener.forget(contentIds);
  }

  async #revisedBy(
    announced: Extract<Announced, { body: { revision: number } }>,
  ): Promise<Revised> {
    switch (announced.event) {
      case 'member:joined':
        return { kind: 'came', member: await this.#opener.member(announced.body.member) };
      case 'member:left':
        return { kind: 'left', memberId: announced.body.member_id };
      case 'content:changed':
        return { kind: 'row', row: await this.#opener.row(announced.body.content) };
      case 'content:removed':
        await this.#forget(announced.body.content_ids, announced.body.reason);
        return {
          kind: 'removed',
          contentIds: announced.body.content_ids,
          reason: announced.body.reason,
        };
      case 'contents:cleared': {
        await this.#forget(sharedIds(this.#state.model.contents), 'cleared');
        return { kind: 'cleared' };
      }
    }
  }
}
