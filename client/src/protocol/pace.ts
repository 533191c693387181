/**
 * The pace of requests on one connection: below what the server takes, which ends connections
 * that flood it.
 */

/** The server takes 20 a second and 60 at once; the clocks and networks between differ. */
const REQUESTS_PER_SECOND = 15;
const BURST_COUNT = 40;
const EVERY_MS = 1000 / REQUESTS_PER_SECOND;

/** Lets so many go at once and then one at a time (a leaky bucket), in the order of asking. */
export class Pace {
  /** When all that was let go is forgotten: `performance.now()`, milliseconds. */
  #emptyAtMs = 0;

  /** Wait for this request's turn. */
  async turn(): Promise<void> {
    const nowMs = performance.now();
    this.#emptyAtMs = Math.max(this.#emptyAtMs, nowMs) + EVERY_MS;
    const waitMs = this.#emptyAtMs - nowMs - BURST_COUNT * EVERY_MS;
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}
