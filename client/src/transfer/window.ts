/** Bounded concurrency: how many chunks are on their way at the same time. */

/** Chunks of one transfer on the wire at once; with 4 MiB chunks at most 16 MiB in memory. */
export const WINDOW_COUNT = 4;

/** Chunk requests of all transfers of this client at once; the server takes 16 of a member. */
export const REQUESTS_COUNT = 8;

/** Places for so many at a time, given in the order in which they were asked for. */
export class Places {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(count: number) {
    this.#free = count;
  }

  /** Do `act` when there is a place for it. */
  async take<T>(act: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await act();
    } finally {
      // The place goes to the next in line: nobody who comes meanwhile can take it.
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}

/**
 * Run `act` for every item, at most `width` at a time, started in order.
 *
 * Rejects with the first failure, after all that had been started has ended.
 */
export async function eachInWindow<T>(
  items: Iterable<T>,
  width: number,
  act: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.iterator]();
  const failures: unknown[] = [];
  const lane = async () => {
    for (let next = iterator.next(); next.done !== true; next = iterator.next()) {
      if (failures.length > 0) return;
      try {
        await act(next.value);
      } catch (failure) {
        failures.push(failure);
        return;
      }
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
  if (failures.length > 0) throw failures[0];
}

/**
 * Map items by `load`, at most `width` at a time, and yield the results in order.
 *
 * When the caller stops early or one fails, nothing further is started.
 */
export async function* inOrder<T, R>(
  items: Iterable<T>,
  width: number,
  load: (item: T) => Promise<R>,
): AsyncGenerator<R, void, undefined> {
  const iterator = items[Symbol.iterator]();
  const waiting: Promise<R>[] = [];
  const fill = () => {
    while (waiting.length < width) {
      const next = iterator.next();
      if (next.done === true) return;
      const loading = load(next.value);
      // Its failure is met below, when its turn comes; until then it is not unhandled.
      loading.catch(() => undefined);
      waiting.push(loading);
    }
  };
  for (;;) {
    fill();
    const first = waiting.shift();
    if (first === undefined) return;
    yield await first;
  }
}

/** Every index of inclusive ranges, in order. */
export function* indexesOf(ranges: readonly (readonly [number, number])[]): Generator<number> {
  for (const [first, last] of ranges) {
    for (let index = first; index <= last; index += 1) yield index;
  }
}
