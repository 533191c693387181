/** One draft on its way: sealed once, sent until it is complete; it can rest in between. */
import type { KeyPort, NewContent } from '../crypto/port';
import { ownProblem } from '../protocol/errors';
import type { ContentShare } from '../protocol/generated';
import { isInline } from '../transfer/sizes';
import { shareInline, Upload, type UploadHooks } from '../transfer/upload';
import { Places } from '../transfer/window';
import type { Lines } from './connection';
import type { Draft } from './drafting';
import { guarded } from './guard';
import { Keeping } from './keeping';
import { writeManifest } from './manifest';
import type { Activity, Progress } from './model';
import { hasSealed } from './proof';
import { recalledOf } from './recalled';
import { equalKeys, sealShare, withThumb } from './sealing';
import type { StateStore } from './state';
import { type Telling, tellOf } from './telling';
import type { Resumed, Unfinished } from './unfinished';

/** What all that is sent has in common. */
export interface Means {
  readonly keys: KeyPort;
  readonly lines: Lines;
  /** Small contents are sealed one after the other, so that they are sent in their order. */
  readonly sealing: Places;
  /** Whether the session stores equal files once. */
  readonly deduplicates: () => boolean;
  readonly unfinished: Unfinished;
  readonly mark: (contentId: string, activity: Activity) => void;
  /** The server gives up an upload of which it hears nothing for so long. */
  readonly keptSeconds: number;
}

/** What the session gives. */
export type GivenMeans = Pick<Means, 'keys' | 'lines' | 'unfinished' | 'keptSeconds'>;

export function meansOf(state: StateStore, given: GivenMeans): Means {
  return {
    ...given,
    sealing: new Places(1),
    deduplicates: () => state.model.policy?.deduplicates === true,
    mark: (contentId, activity) => {
      state.dispatch({ kind: 'activity', contentId, activity });
    },
  };
}

export class Sending {
  readonly draft: Draft;
  readonly lifetimeSeconds: number | null;
  /** What is known of it from an earlier life of the page. */
  readonly found: Resumed | null;
  readonly #means: Means;
  readonly #cancelled = new AbortController();
  #share: ContentShare | null = null;
  #upload: Upload | null = null;
  /** The end of the run before. */
  #ended: Promise<unknown> = Promise.resolve();
  #isResting = false;
  #telling: Telling | null = null;
  readonly #keeping: Keeping;
  #progress: Progress;

  constructor(draft: Draft, lifetime: number | null, means: Means, found: Resumed | null = null) {
    this.draft = draft;
    this.lifetimeSeconds = lifetime;
    this.found = found;
    this.#means = means;
    const { lines, keptSeconds } = means;
    const door = { lines, keptSeconds, row: () => this.#row() };
    this.#keeping = new Keeping(door, found === null ? Date.now() : 0);
    const { size } = draft.layout;
    this.#progress = { doneBytes: 0, totalBytes: size, bytesPerSecond: 0, secondsLeft: null };
  }

  /** Whether the member wants it to rest. */
  get isResting(): boolean {
    return this.#isResting;
  }

  /** Whether the server has given it up if it has it no more. */
  get isGivenUp(): boolean {
    return this.#keeping.isGivenUp;
  }

  /** Whether the server may hold a part of it. */
  get hasBegun(): boolean {
    return this.#upload !== null;
  }

  /** Whether the server may have heard of it: it was sealed, now or in an earlier life of the page. */
  get isHeard(): boolean {
    return this.#share !== null || this.found !== null;
  }

  /**
   * Send until it is complete or `stop`; again it goes on where it was. Gives false when others
   * have to be completed first.
   */
  async run(stop: AbortSignal): Promise<boolean> {
    const running = this.#ended.then(() => this.#send(stop));
    this.#ended = running.catch(() => undefined);
    return running;
  }

  /** Show that it rests; whoever calls this stops its run. */
  rest(): void {
    this.#isResting = true;
    this.#keeping.begin();
    this.#mark({ kind: 'paused', progress: this.#progress });
  }

  /** It rests no longer, and waits for its turn. */
  wake(): void {
    this.#isResting = false;
    if (this.isHeard) this.#keeping.begin('soon');
  }

  /** Nothing of it is to be sent any more. */
  cancel(): void {
    this.#keeping.end();
    this.#cancelled.abort();
  }

  /** The row that the server may have, of an earlier life of the page if not of this one. */
  async #row(): Promise<ContentShare | null> {
    const before = this.found?.recalled;
    if (this.#share !== null || before === undefined) return this.#share;
    const { keys } = this.#means;
    await keys.keeper.openContent(before.contentId, before.contentBox, before.blobId);
    return sealShare(this.draft, keys, before, this.lifetimeSeconds);
  }

  #mark(activity: Activity): void {
    if (this.#cancelled.signal.aborted) return;
    if ('progress' in activity) this.#progress = activity.progress;
    // What was under way when it was told to rest still arrives.
    const isMoving = this.isResting && 'progress' in activity;
    const shown: Activity = isMoving ? { kind: 'paused', progress: activity.progress } : activity;
    this.#means.mark(this.draft.contentId, shown);
  }

  #tell(kind: 'reading' | 'sending'): Telling {
    const doneBytes = kind === 'sending' ? this.#progress.doneBytes : 0;
    return tellOf(kind, this.draft.layout.size, (activity) => this.#mark(activity), doneBytes);
  }

  async #send(stop: AbortSignal): Promise<boolean> {
    stop.throwIfAborted();
    if (!isInline(this.draft.layout)) {
      this.#upload ??= await this.#prepare();
      stop.throwIfAborted();
      this.#keeping.end(); // what it sends is heard
      this.#telling = this.#tell('sending');
      const isSent = await this.#upload.run(this.#means.lines, stop);
      if (!isSent) this.#keeping.begin();
      return isSent;
    }
    this.#keeping.end();
    const { onWaiting } = this.#tell('sending');
    const { keys, sealing, lines } = this.#means;
    this.#share ??= await sealing.take(async () => {
      const made = await keys.keeper.newContent(this.draft.contentId);
      return sealShare(this.draft, keys, made, this.lifetimeSeconds);
    });
    const ends = AbortSignal.any([stop, this.#cancelled.signal]);
    await shareInline(this.#share, lines, onWaiting, ends);
    return true;
  }

  /** The keys of a content that is sent in chunks; what goes on is proved to have the same file. */
  async #keysOf(isEqual: boolean): Promise<NewContent> {
    const made = isEqual ? await this.#equalKeys() : await this.#ownKeys();
    this.#progress = { ...this.#progress, doneBytes: 0 };
    return made;
  }

  async #equalKeys(): Promise<NewContent> {
    const { onMoved } = this.#tell('reading');
    const made = await equalKeys(this.draft, this.#means.keys, onMoved, this.#cancelled.signal);
    if (this.found === null) return made;
    if (made.blobId !== this.found.recalled.blobId) throw ownProblem('file_changed');
    return this.found.recalled;
  }

  async #ownKeys(): Promise<NewContent> {
    const { draft, found } = this;
    const { keys } = this.#means;
    if (found === null) return keys.keeper.newContent(draft.contentId);
    const { recalled, digests } = found;
    const { onMoved } = this.#tell('reading');
    const { signal } = this.#cancelled;
    if (!(await hasSealed(draft, digests, keys, onMoved, signal))) throw ownProblem('file_changed');
    await keys.keeper.openContent(draft.contentId, recalled.contentBox, recalled.blobId);
    return recalled;
  }

  async #prepare(): Promise<Upload> {
    const { lifetimeSeconds } = this;
    const { keys, unfinished, deduplicates } = this.#means;
    const isEqual = this.draft.isEqual && deduplicates();
    const [made, draft] = await Promise.all([this.#keysOf(isEqual), withThumb(this.draft)]);
    this.#cancelled.signal.throwIfAborted();
    const { contentId, layout, manifest } = draft;
    this.#share = await sealShare(draft, keys, made, lifetimeSeconds);
    this.#cancelled.signal.throwIfAborted();
    const kept = recalledOf(draft, made, isEqual, lifetimeSeconds);
    if (kept !== null && this.found === null) await unfinished.keep(kept);
    const job = {
      share: this.#share,
      layout,
      source: draft.source,
      seal: async (index: number, isLast: boolean, plain: Uint8Array<ArrayBuffer>) => {
        // Equal keys give the same chunk again, others never do.
        const digest = isEqual ? null : await keys.digest(plain.slice());
        const chunk = await guarded('file_changed', () =>
          keys.sealChunk(contentId, index, isLast, layout.chunkSize, plain),
        );
        if (digest !== null) {
          await unfinished.keepDigests(contentId, index, { sealed: chunk.digest, plain: digest });
        }
        return chunk;
      },
      digests: new Map([...(this.found?.digests ?? [])].map(([at, { sealed }]) => [at, sealed])),
      completeManifest: async (digests: readonly Uint8Array[]) => {
        const root = await keys.keeper.root(digests);
        return keys.keeper.sealManifest(contentId, 2, writeManifest(manifest, root));
      },
    };
    const hooks: UploadHooks = {
      onSent: (doneBytes) => {
        this.#keeping.hear();
        this.#telling?.onMoved(doneBytes);
      },
      onWaiting: (problem) => this.#telling?.onWaiting(problem),
    };
    return new Upload(job, hooks, this.#cancelled.signal);
  }
}
