/**
 * What arrives on one connection, handled one after the other in the order of arrival: opening
 * takes time, and a later announcement must not overtake an earlier one.
 */
export class Inbox {
  #last: Promise<void> = Promise.resolve();
  readonly #onFault: (fault: unknown) => void;
  readonly #closed: AbortSignal;

  /** `onFault` hears of a handler that failed; after `closed` nothing more is handled. */
  constructor(onFault: (fault: unknown) => void, closed: AbortSignal) {
    this.#onFault = onFault;
    this.#closed = closed;
  }

  /** Handle this after all that came before; resolves when it is done, or was given up. */
  add(handle: () => Promise<void>): Promise<void> {
    this.#last = this.#last.then(async () => {
      if (this.#closed.aborted) return;
      try {
        await handle();
      } catch (fault) {
        this.#onFault(fault);
      }
    });
    return this.#last;
  }
}
