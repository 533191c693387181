/** How fast bytes go: a moving average, and what is left at that speed. */
import type { Progress } from './model';

/** Half of the average's weight lies on the last seconds. */
const HALF_LIFE_MS = 3_000;
/** Shorter intervals are put together: they measure the clock more than the network. */
const INTERVAL_LEAST_MS = 200;

/** Measures one transfer; `nowMs` is any clock that never goes back. */
export class Speedometer {
  readonly #totalBytes: number | null;
  #doneBytes: number;
  #measuredBytes: number;
  #measuredAtMs: number;
  #bytesPerSecond = 0;

  constructor(totalBytes: number | null, doneBytes: number, nowMs: number) {
    this.#totalBytes = totalBytes;
    this.#doneBytes = doneBytes;
    this.#measuredBytes = doneBytes;
    this.#measuredAtMs = nowMs;
  }

  /** Begin anew after a pause: what waited was not slow. */
  resume(doneBytes: number, nowMs: number): Progress {
    this.#doneBytes = doneBytes;
    this.#measuredBytes = doneBytes;
    this.#measuredAtMs = nowMs;
    return this.progress;
  }

  move(doneBytes: number, nowMs: number): Progress {
    this.#doneBytes = doneBytes;
    const elapsedMs = nowMs - this.#measuredAtMs;
    if (elapsedMs >= INTERVAL_LEAST_MS) {
      const present = Math.max(0, ((doneBytes - this.#measuredBytes) * 1000) / elapsedMs);
      const kept = this.#bytesPerSecond === 0 ? 0 : 2 ** (-elapsedMs / HALF_LIFE_MS);
      this.#bytesPerSecond = this.#bytesPerSecond * kept + present * (1 - kept);
      this.#measuredBytes = doneBytes;
      this.#measuredAtMs = nowMs;
    }
    return this.progress;
  }

  get progress(): Progress {
    const left = this.#totalBytes === null ? null : this.#totalBytes - this.#doneBytes;
    const hasSpeed = left !== null && this.#bytesPerSecond > 0;
    return {
      doneBytes: this.#doneBytes,
      totalBytes: this.#totalBytes,
      bytesPerSecond: Math.round(this.#bytesPerSecond),
      secondsLeft: hasSpeed ? Math.ceil(left / this.#bytesPerSecond) : null,
    };
  }
}
