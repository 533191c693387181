/** Letting the server hear of an upload that rests or waits: what it hears nothing of it gives up. */
import type { ContentShare } from '../protocol/generated';
import { persist } from '../transfer/links';
import { pause } from '../transfer/retry';
import type { Lines } from './connection';
import { untilAborted } from './stopping';

/**
 * So often in the time after which it is given up. That is each 5 minutes of half an hour: sooner
 * than a connection is idle (10 minutes), though the timers of a hidden page are a minute late.
 */
const TIMES = 6;
/** No more often, whatever a server says of itself; and timers know no more than 24 days. */
const LEAST_MS = 250;
const MOST_MS = 24 * 60 * 60_000;
/** When it may have waited for long already; most have their turn before this. */
const SOON_MS = 1_000;

export interface KeepingDoor {
  readonly lines: Lines;
  /** The server gives up an upload of which it hears nothing for so long. */
  readonly keptSeconds: number;
  /** The row that the server may have; null when it has none. */
  readonly row: () => Promise<ContentShare | null>;
}

export class Keeping {
  readonly #door: KeepingDoor;
  /** When the server last answered, in ms since 1970: that counts a laptop's sleep, too. */
  #heardAt: number;
  #stop: AbortController | null = null;

  constructor(door: KeepingDoor, heardAt: number) {
    this.#door = door;
    this.#heardAt = heardAt;
  }

  /** Whether the server has given it up if it has it no more: it heard nothing of it for so long. */
  get isGivenUp(): boolean {
    return Date.now() - this.#heardAt >= this.#door.keptSeconds * 1000;
  }

  /** The server answered. */
  hear(): void {
    this.#heardAt = Date.now();
  }

  /** Begin, if it has not begun; `soon` when the server may not have heard of it for long. */
  begin(when?: 'soon'): void {
    if (this.#stop !== null) return;
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    // It ends with the session, too.
    void this.#keep(when === 'soon' ? SOON_MS : this.#everyMs, signal).catch(() => undefined);
  }

  end(): void {
    this.#stop?.abort();
    this.#stop = null;
  }

  get #everyMs(): number {
    return Math.min(Math.max((this.#door.keptSeconds * 1000) / TIMES, LEAST_MS), MOST_MS);
  }

  /** Off line it waits for the next connection: that may come just in time. */
  async #keep(firstMs: number, signal: AbortSignal): Promise<void> {
    for (let waitMs = firstMs; ; waitMs = this.#everyMs) {
      await pause(waitMs, signal);
      await this.#door.lines.joined(signal);
      await this.#share(signal).catch(() => undefined);
    }
  }

  async #share(signal: AbortSignal): Promise<void> {
    const row = await this.#door.row();
    if (row === null) return;
    await persist(
      this.#door.lines,
      signal,
      () => undefined,
      ({ control }, stop) =>
        // An idle connection may be closed over it: then nobody waits for the answer.
        untilAborted(control.request('content:share', row), stop),
    );
    this.hear();
  }
}
