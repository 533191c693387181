/**
 * Uploads that outlive the page: each is kept sealed from before its first chunk is sent until it
 * is complete or not wanted any more. Of several tabs one has it, as long as it lives.
 */
import type { KeyPort } from '../crypto/port';
import { concat, hex, randomBytes } from '../crypto/bytes';
import { Shelf } from '../transfer/shelf';
import { readRecalled, type Recalled, writeRecalled } from './recalled';

const ID_BYTES = 16;
const DIGEST_BYTES = 32;

/** What is used of `navigator.locks`: `hold` runs when nobody else holds the name, and holds it. */
export interface Locks {
  readonly request: (
    name: string,
    options: { readonly signal: AbortSignal },
    hold: () => Promise<void>,
  ) => Promise<unknown>;
}

/** Where one upload is kept: null for what could not be. */
interface Kept {
  readonly place: string;
  readonly id: string;
  readonly release: () => void;
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
  readonly file: File;
}

export class Unfinished {
  readonly #keys: KeyPort;
  readonly #locks: Locks;
  readonly #ended = new AbortController();
  readonly #kept = new Map<string, Kept>();
  #shelf: Promise<Shelf | null> | null = null;

  constructor(keys: KeyPort, locks: Locks = tabLocks()) {
    this.#keys = keys;
    this.#locks = locks;
  }

  /** Keep an upload; where nothing can be kept it is sent all the same. */
  async keep(recalled: Recalled): Promise<void> {
    await this.#attempt(async (shelf) => {
      const place = await this.#keys.keeper.localPlace();
      const id = hex(randomBytes(ID_BYTES));
      const release = await this.#own(id);
      if (release === null) return;
      this.#kept.set(recalled.contentId, { place, id, release });
      const sealed = await this.#keys.keeper.sealLocal(id, writeRecalled(recalled));
      // It may have been forgotten while it was sealed: nobody would remove it any more.
      if (this.#kept.get(recalled.contentId)?.id !== id) return;
      await shelf.put(place, id, sealed, Date.now());
    });
  }

  /** Keep the digests of a chunk that is sealed once; resolves before it may be sent. */
  async keepDigests(contentId: string, index: number, digests: Digests): Promise<void> {
    const kept = this.#kept.get(contentId);
    if (kept === undefined) return;
    const isKept = await this.#attempt(async (shelf) => {
      const { place, id } = kept;
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
    void this.#attempt((shelf) => shelf.remove(kept.place, kept.id)).then(kept.release);
  }

  /** Tell of each upload of the session that no other tab has: now, or when that tab is gone. */
  async recall(onFound: (found: Found) => void): Promise<void> {
    await this.#attempt(async (shelf) => {
      const place = await this.#keys.keeper.localPlace();
      for (const [id, sealed] of await shelf.uploads(place)) {
        void this.#attempt(async () => {
          const release = await this.#own(id);
          if (release === null) return;
          const recalled = (await shelf.has(place, id)) ? await this.#open(id, sealed) : null;
          if (recalled === null) {
            release();
            return;
          }
          this.#kept.set(recalled.contentId, { place, id, release });
          onFound({ recalled, digests: await this.#digests(shelf, place, id) });
        });
      }
    });
  }

  /** Let other tabs have what is kept. */
  end(): void {
    this.#ended.abort();
    for (const { release } of this.#kept.values()) release();
    this.#kept.clear();
    void this.#shelf?.then((shelf) => shelf?.close());
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

  /** Wait until no other tab has it; gives what lets it go, null when this one ends first. */
  async #own(id: string): Promise<(() => void) | null> {
    return new Promise((resolve) => {
      const { signal } = this.#ended;
      this.#locks
        .request(`upload ${id}`, { signal }, () => new Promise<void>((release) => resolve(release)))
        .catch(() => {
          resolve(null);
        });
    });
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

/** The locks that all tabs of this browser have in common. */
function tabLocks(): Locks {
  const { locks } = navigator;
  return { request: (name, options, hold) => locks.request(name, options, hold) };
}

function purposeOf(id: string, index: number): string {
  return `${id} ${String(index)}`;
}
