/** What one tab of this browser has alone, for as long as it lives (`navigator.locks`). */

type Wish = { readonly signal: AbortSignal } | { readonly ifAvailable: true };

/**
 * What is used of `navigator.locks`: `hold` runs when nobody else holds the name, and holds it. One
 * that is wished for if it is available, and is not, is null.
 */
export interface Locks {
  readonly request: (
    name: string,
    wish: Wish,
    hold: (lock: object | null) => Promise<void>,
  ) => Promise<unknown>;
}

/** The locks that all tabs of this browser have in common. */
export function tabLocks(): Locks {
  const { locks } = navigator;
  return { request: (name, wish, hold) => locks.request(name, wish, hold) };
}

/** Have a name; gives what lets it go, or null where it is not to be had. */
export function holdLock(locks: Locks, name: string, wish: Wish): Promise<(() => void) | null> {
  return new Promise((resolve) => {
    const hold = async (lock: object | null) => {
      if (lock === null) resolve(null);
      else await new Promise<void>(resolve);
    };
    locks.request(name, wish, hold).catch(() => {
      resolve(null);
    });
  });
}

/** Things of one kind that this tab has, by their ids. */
export class Possessions {
  readonly #kind: string;
  readonly #locks: Locks;
  readonly #ended = new AbortController();
  readonly #releases = new Map<string, () => void>();

  constructor(kind: string, locks: Locks) {
    this.#kind = kind;
    this.#locks = locks;
  }

  has(id: string): boolean {
    return this.#releases.has(id);
  }

  /** Take it, unless another tab has it; says whether this one has it then. */
  async take(id: string): Promise<boolean> {
    return this.has(id) || this.#hold(id, { ifAvailable: true });
  }

  /** Take it as soon as no other tab has it; false when the end comes first. */
  async await(id: string): Promise<boolean> {
    return this.#hold(id, { signal: this.#ended.signal });
  }

  release(id: string): void {
    this.#releases.get(id)?.();
    this.#releases.delete(id);
  }

  /** Let other tabs have all of it. */
  end(): void {
    this.#ended.abort();
    for (const id of [...this.#releases.keys()]) this.release(id);
  }

  async #hold(id: string, wish: Wish): Promise<boolean> {
    const release = await holdLock(this.#locks, `${this.#kind} ${id}`, wish);
    if (release === null) return false;
    if (this.#ended.signal.aborted) release();
    else this.#releases.set(id, release);
    return !this.#ended.signal.aborted;
  }
}
