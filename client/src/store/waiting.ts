/** Waiting for what the state will say. */
import { ownProblem } from '../protocol/errors';
import type { StateStore } from './state';

/**
 * Wait until `holds`, asked after each publication of the state, or until `mostMs` are over.
 *
 * Rejects with `cancelled` when `signal` is aborted, and with what `holds` throws.
 */
export async function until(
  state: Pick<StateStore, 'subscribe'>,
  holds: () => boolean,
  signal: AbortSignal,
  mostMs: number | null = null,
): Promise<void> {
  const late = new AbortController();
  const stop = AbortSignal.any([signal, late.signal]);
  const timer = mostMs === null ? undefined : setTimeout(() => late.abort(), mostMs);
  try {
    while (!stop.aborted && !holds()) {
      await new Promise<void>((resolve) => {
        const wake = () => {
          leave();
          stop.removeEventListener('abort', wake);
          resolve();
        };
        const leave = state.subscribe(wake);
        stop.addEventListener('abort', wake);
      });
    }
  } finally {
    clearTimeout(timer);
  }
  if (signal.aborted) throw ownProblem('cancelled');
}
