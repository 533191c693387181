/** Bounded concurrency: how many chunks are on their way at the same time. */
import { asProblem } from '../protocol/errors';

/** Chunks of one transfer on the wire at once; with 4 MiB chunks at most 16 MiB in memory. */
export const WINDOW_COUNT = 4;

/** Chunk requests of all transfers of this client at once; the server takes 16 of a member. */
export const REQUESTS_COUNT = 8;

/** Places for so many at a time, given in the order in which they were asked for. */
export class Places {
  readonly #waiting: (() => void)[] = [];
  /** Below zero while more are taken than there are since they became fewer. */
  #free: number;

  constructor(count: number) {
    this.#free = count;
  }

  /** Do `act` when there is a place for it. */
  async take<T>(act: () => Promise<T>): Promise<T> {
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
      this.add(0);
    });
    try {
      return await act();
    } finally {
      this.add(1);
    }
  }

  /** Let there be `count` more places; fewer when it is negative. */
  protected add(count: number): void {
    this.#free += count;
    while (this.#free > 0) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#free -= 1;
      next();
    }
  }
}

/** A request that took no longer went well: there may be one more beside it. */
const QUICK_MS = 5_000;
/** One that took longer has the line for itself: several would be too slow for their deadlines. */
const SLOW_MS = 15_000;
/** What a request that the line was too slow for fails with, here or at the server. */
const TOO_SLOW: ReadonlySet<string> = new Set(['timeout', 'request_timeout']);

/**
 * Places on one connection's line: as many as it carries, at first one.
 *
 * All requests share the line and each has a deadline of its own, which a slow line meets with
 * one at a time alone: 1 MiB at 20 kB/s takes 52 s of 94 s, four of them 210 s each.
 */
export class Line extends Places {
  #count = 1;

  constructor() {
    super(1);
  }

  override take<T>(act: () => Promise<T>): Promise<T> {
    return super.take(async () => {
      const beganAt = performance.now();
      try {
        const done = await act();
        const tookMs = performance.now() - beganAt;
        if (tookMs <= QUICK_MS) this.#become(Math.min(REQUESTS_COUNT, this.#count + 1));
        else if (tookMs > SLOW_MS) this.#become(1);
        return done;
      } catch (thrown) {
        if (TOO_SLOW.has(asProblem(thrown).code)) this.#become(1);
        throw thrown;
      }
    });
  }

  #become(count: number): void {
    this.add(count - this.#count);
    this.#count = count;
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
