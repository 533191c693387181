/**
 * Uploads that outlive the page: each is kept sealed while it waits for its turn, and with its keys
 * from before its first chunk is sent, until it is complete or not wanted any more. Of several tabs
 * one has it, as long as it lives.
 */
import type { KeyPort } from '../crypto/port';
import { concat, hex, randomBytes } from '../crypto/bytes';
import { Shelf } from '../transfer/shelf';
import { Places } from '../transfer/window';
import { readRecalled, type Recalled, type Sealed, writeRecalled } from './recalled';
import { holdLock, type Locks, tabLocks } from './tab-locks';

const ID_BYTES = 16;
const DIGEST_BYTES = 32;
/** Of those that wait for their turn, as many are written at the same time. */
const WAITING_COUNT = 32;

/** Where this tab has an upload. */
interface Owned {
  readonly place: string;
  readonly release: () => void;
}

/** One upload that is kept. */
interface Kept {
  readonly id: string;
  /** What is kept of it, or is about to be. */
  recalled: Recalled;
  /** Null before anything of it is written. */
  owned: Owned | null;
  /** The end of what is being written. */
  written: Promise<unknown>;
}

/** The SHA-256 of a chunk that is sealed once, and of the plain piece in it. */
export interface Digests {
  readonly sealed: Uint8Array<ArrayBuffer>;
  readonly plain: Uint8Array<ArrayBuffer>;
}

/** An upload that was found, and the digests of its chunks that were sealed for good, by index. */
export interface Found {
  readonly recalled: Recalled;
  readonly digests: ReadonlyMap<number, Digests>;
}

/** One that goes on, and the file that it goes on with. */
export interface Resumed extends Found {
  readonly recalled: Sealed;
  readonly file: File;
}

export class Unfinished {
  readonly #keys: KeyPort;
  readonly #locks: Locks;
  readonly #ended = new AbortController();
  readonly #kept = new Map<string, Kept>();
  /** Where what waits is written, so that what is to be sent is written before it. */
  readonly #waiting = new Places(WAITING_COUNT);
  /** The end of what is being removed. */
  #removed: Promise<unknown> = Promise.resolve();
  #shelf: Promise<Shelf | null> | null = null;

  constructor(keys: KeyPort, locks: Locks = tabLocks()) {
    this.#keys = keys;
    this.#locks = locks;
  }

  /**
   * Keep an upload, or more of one; where nothing can be kept it is sent all the same. One that
   * waits for its turn is written when others are, unless it has its turn before.
   */
  async keep(recalled: Recalled): Promise<void> {
    const { contentId, blobId } = recalled;
    const known = this.#kept.get(contentId);
    const id = hex(randomBytes(ID_BYTES));
    const kept: Kept = known ?? { id, recalled, owned: null, written: Promise.resolve() };
    kept.recalled = recalled;
    this.#kept.set(contentId, kept);
    const write = async () => {
      kept.written = kept.written.then(() => this.#write(kept, recalled));
      await kept.written;
    };
    await (blobId === null ? this.#waiting.take(write) : write());
  }

  async #write(kept: Kept, recalled: Recalled): Promise<void> {
    // It may be forgotten while it is sealed, or something newer be written of it.
    const isWanted = () =>
      this.#kept.get(recalled.contentId) === kept && kept.recalled === recalled;
    if (!isWanted()) return;
    await this.#attempt(async (shelf) => {
      const { id } = kept;
      kept.owned ??= await this.#own(id);
      if (kept.owned === null) return;
      const sealed = await this.#keys.keeper.sealLocal(id, writeRecalled(recalled));
      if (isWanted()) await shelf.put(kept.owned.place, id, sealed, Date.now());
    });
  }

  /** Keep the digests of a chunk that is sealed once; resolves before it may be sent. */
  async keepDigests(contentId: string, index: number, digests: Digests): Promise<void> {
    const kept = this.#kept.get(contentId);
    if (kept === undefined || kept.owned === null) return;
    const { id, owned } = kept;
    const { place } = owned;
    const isKept = await this.#attempt(async (shelf) => {
      const both = concat(digests.sealed, digests.plain);
      const sealed = await this.#keys.keeper.sealLocal(purposeOf(id, index), both);
      await shelf.putChunk(place, id, index, sealed);
    });
    // Of a chunk that is not known it could not go on.
    if (!isKept) this.forget(contentId);
  }

  /** It is complete, or not wanted any more. */
  forget(contentId: string): void {
    const kept = this.#kept.get(contentId);
    if (kept === undefined) return;
    this.#kept.delete(contentId);
    const removed = kept.written.then(async () => {
      const { id, owned } = kept;
      if (owned === null) return;
      await this.#attempt((shelf) => shelf.remove(owned.place, id));
      owned.release();
    });
    this.#removed = Promise.all([this.#removed, removed]);
  }

  /** Tell of each upload of the session that no other tab has: now, or when that tab is gone. */
  async recall(onFound: (found: Found) => void): Promise<void> {
    await this.#attempt(async (shelf) => {
      const place = await this.#keys.keeper.localPlace();
      for (const id of await shelf.uploads(place)) {
        void this.#attempt(async () => {
          const owned = await this.#own(id);
          if (owned === null) return;
          // The tab that had it may have written more of it, or have sent it.
          const sealed = await shelf.get(place, id);
          const recalled = sealed === null ? null : await this.#open(id, sealed);
          if (recalled === null) {
            owned.release();
            return;
          }
          const written = Promise.resolve();
          this.#kept.set(recalled.contentId, { id, recalled, owned, written });
          onFound({ recalled, digests: await this.#digests(shelf, place, id) });
        });
      }
    });
  }

  /** Let other tabs have what is kept. */
  end(): void {
    this.#ended.abort();
    const released = [...this.#kept.values()].map(async (kept) => {
      await kept.written;
      kept.owned?.release();
    });
    this.#kept.clear();
    void Promise.all([this.#removed, ...released])
      .then(() => this.#shelf)
      .then((shelf) => shelf?.close());
  }

  /** What was kept; null for what this page cannot go on with. */
  async #open(id: string, sealed: Uint8Array<ArrayBuffer>): Promise<Recalled | null> {
    return this.#keys.keeper
      .openLocal(id, sealed)
      .then(readRecalled)
      .catch(() => null);
  }

  async #digests(shelf: Shelf, place: string, id: string): Promise<Found['digests']> {
    const digests = new Map<number, Digests>();
    for (const [index, kept] of await shelf.chunks(place, id)) {
      const both = await this.#keys.keeper.openLocal(purposeOf(id, index), kept);
      const [sealed, plain] = [both.slice(0, DIGEST_BYTES), both.slice(DIGEST_BYTES)];
      digests.set(index, { sealed, plain });
    }
    return digests;
  }

  /** Wait until no other tab has it; null when this one ends first. */
  async #own(id: string): Promise<Owned | null> {
    const place = await this.#keys.keeper.localPlace();
    const { signal } = this.#ended;
    const release = await holdLock(this.#locks, `upload ${id}`, { signal });
    return release === null ? null : { place, release };
  }

  /** Do `act` where something can be kept; false where it cannot (a private window, a full disk). */
  async #attempt(act: (shelf: Shelf) => Promise<void>): Promise<boolean> {
    this.#shelf ??= Shelf.open(Date.now()).catch(() => null);
    const shelf = await this.#shelf;
    if (shelf === null) return false;
    return act(shelf).then(
      () => true,
      () => false,
    );
  }
}

function purposeOf(id: string, index: number): string {
  return `${id} ${String(index)}`;
}
