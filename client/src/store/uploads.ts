/** What this member sends: drafts, a few at a time, each until it is complete or stopped. */
import type { KeyPort, NewContent } from '../crypto/port';
import { asProblem, ownProblem, type ProblemError } from '../protocol/errors';
import type { Lines } from './connection';
import { isInline } from '../transfer/sizes';
import { shareInline, Upload } from '../transfer/upload';
import { Places } from '../transfer/window';
import { guarded } from './guard';
import { type Draft, draftAgain, draftContent, draftFile, refusedContent } from './drafting';
import { writeManifest } from './manifest';
import type { Activity } from './model';
import { problemView } from './problem';
import { equalKeys, sealShare } from './sealing';
import type { StateStore } from './state';
import { type Telling, tellOf } from './telling';

/** Uploads of chunks at the same time; the server takes four unfinished ones of a member. */
const UPLOADS_COUNT = 2;
/** Small contents whose acknowledgements are awaited at the same time. */
const INLINE_COUNT = 4;
/** Other bytes stand where an equal file would be: somebody in the session put them there. */
const CONFLICTS: ReadonlySet<string> = new Set(['content_conflict', 'chunk_conflict']);

export class Uploads {
  readonly #keys: KeyPort;
  readonly #connection: Lines;
  readonly #state: StateStore;
  readonly #running = new Map<string, AbortController>();
  /** What could not be sent and can be shared again, with the time that it was given. */
  readonly #failed = new Map<string, readonly [Draft, number | null]>();
  /** Contents of which the server may hold a part. */
  readonly #begun = new Set<string>();
  readonly #uploads = new Places(UPLOADS_COUNT);
  readonly #inline = new Places(INLINE_COUNT);
  /** Small contents are sealed one after the other, so that they are sent in their order. */
  readonly #sealing = new Places(1);

  constructor(keys: KeyPort, connection: Lines, state: StateStore) {
    this.#keys = keys;
    this.#connection = connection;
    this.#state = state;
  }

  /**
   * Send files in their order; one that cannot be sent stays with its name and the reason, and
   * keeps none of the others back.
   */
  async share(files: readonly File[], senderName: string): Promise<void> {
    const drafting = files.map((file) =>
      draftFile(file, senderName).catch((thrown: unknown) =>
        refusedContent(file, senderName, problemView(asProblem(thrown))),
      ),
    );
    for (const draft of await Promise.all(drafting)) {
      if ('source' in draft) this.start(draft);
      else this.#state.dispatch({ kind: 'draft', draft });
    }
  }

  /** Show a draft and send it; how it goes is told by the state alone. */
  start(draft: Draft, lifetimeSeconds = this.#state.model.lifetimeSeconds): void {
    const control = new AbortController();
    this.#running.set(draft.contentId, control);
    this.#state.dispatch({ kind: 'draft', draft: draftContent(draft) });
    const sending = isInline(draft.layout)
      ? this.#inline.take(() => this.#sendInline(draft, lifetimeSeconds, control.signal))
      : this.#uploads.take(() => this.#send(draft, lifetimeSeconds, control.signal));
    void sending
      .then(() => {
        this.#mark(draft.contentId, { kind: 'idle' });
      })
      .catch((thrown: unknown) => {
        if (control.signal.aborted) return;
        const problem = asProblem(thrown);
        // A file that has changed is no longer the one that was chosen.
        const again = problem.code !== 'file_changed';
        if (again) this.#failed.set(draft.contentId, [draft, lifetimeSeconds]);
        this.#fail(draft.contentId, problem, again);
        if (draft.isEqual && CONFLICTS.has(problem.code)) this.again(draft.contentId, false);
      })
      .finally(() => {
        this.#running.delete(draft.contentId);
        this.#begun.delete(draft.contentId);
      });
  }

  /** Share what failed once more as a new content, unless `isEqual` under keys of its own. */
  again(contentId: string, isEqual = true): void {
    const [draft, lifetimeSeconds] = this.#failed.get(contentId) ?? [];
    if (draft === undefined) throw ownProblem('content_not_found');
    this.forget(contentId);
    this.#state.dispatch({ kind: 'dropped', contentId });
    this.start(draftAgain(draft, isEqual && draft.isEqual), lifetimeSeconds);
  }

  /** It will not be shared again. */
  forget(contentId: string): void {
    this.#failed.delete(contentId);
  }

  /** Stop sending a content; true when it was being sent. */
  stop(contentId: string): boolean {
    const control = this.#running.get(contentId);
    control?.abort();
    return control !== undefined;
  }

  /** Stop sending everything; gives the contents that the server holds in part. */
  stopAll(): readonly string[] {
    for (const control of this.#running.values()) control.abort();
    return [...this.#begun];
  }

  #mark(contentId: string, activity: Activity): void {
    this.#state.dispatch({ kind: 'activity', contentId, activity });
  }

  /** Tell of the failure, and let the server forget what can never be completed. */
  #fail(contentId: string, problem: ProblemError, again: boolean): void {
    if (problem.code === 'content_not_found') {
      // Somebody removed it while this member was away: that is no failure to be read.
      this.#state.dispatch({ kind: 'dropped', contentId });
      return;
    }
    this.#mark(contentId, { kind: 'failed', problem: problemView(problem), again });
    const { items } = this.#state.model.contents;
    const item = items.get(contentId);
    if (item?.kind !== 'content' || item.source === null) return;
    // Off line the server drops it by itself, some time after its last chunk.
    void Promise.resolve()
      .then(() =>
        this.#connection.now().control.request('content:remove', { content_id: contentId }),
      )
      .catch(() => undefined);
  }

  #telling(kind: 'reading' | 'sending', { contentId, layout }: Draft): Telling {
    return tellOf(kind, layout.size, (activity) => {
      this.#mark(contentId, activity);
    });
  }

  async #sendInline(draft: Draft, lifetime: number | null, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { onWaiting } = this.#telling('sending', draft);
    const share = await this.#sealing.take(async () => {
      const made = await this.#keys.keeper.newContent(draft.contentId);
      return sealShare(draft, this.#keys, made, lifetime);
    });
    await shareInline(share, this.#connection, onWaiting, signal);
  }

  /** The keys of a content that is sent in chunks. */
  async #keysOf(draft: Draft, signal: AbortSignal): Promise<NewContent> {
    const { policy } = this.#state.model;
    if (!draft.isEqual || policy?.deduplicates !== true) {
      return this.#keys.keeper.newContent(draft.contentId);
    }
    const { onMoved } = this.#telling('reading', draft);
    return equalKeys(draft, this.#keys, onMoved, signal);
  }

  async #send(draft: Draft, lifetime: number | null, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { contentId, layout, source, manifest } = draft;
    const made = await this.#keysOf(draft, signal);
    const { onMoved, onWaiting } = this.#telling('sending', draft);
    this.#begun.add(contentId);
    const { keeper, sealChunk } = this.#keys;
    const job = {
      share: await sealShare(draft, this.#keys, made, lifetime),
      layout,
      source,
      seal: (index: number, isLast: boolean, plain: Uint8Array<ArrayBuffer>) =>
        guarded('file_changed', () => sealChunk(contentId, index, isLast, layout.chunkSize, plain)),
      completeManifest: async (digests: readonly Uint8Array[]) => {
        const root = await keeper.root(digests);
        return keeper.sealManifest(contentId, 2, writeManifest(manifest, root));
      },
    };
    await new Upload(job, { onSent: onMoved, onWaiting }, signal).run(this.#connection, signal);
  }
}
