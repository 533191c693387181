/** Waiting as a page does: until something ends, or somebody looks at it. */
import { pauseUntil } from '../transfer/retry';

/** Wait until `signal` is aborted. */
export async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    signal.addEventListener(
      'abort',
      () => {
        resolve();
      },
      { once: true },
    );
  });
}

/** Wait until the page is visible, or until `end`. */
export async function lookedAt(end: AbortSignal): Promise<void> {
  const seen = new AbortController();
  document.addEventListener(
    'visibilitychange',
    () => {
      if (document.visibilityState === 'visible') seen.abort();
    },
    { signal: seen.signal },
  );
  await aborted(AbortSignal.any([seen.signal, end]));
  seen.abort();
}

/**
 * Wait, until `end` at most; less when the network comes back or the page is looked at again,
 * but never less than the server asked for.
 */
export async function calledBack(ms: number, leastMs: number, end: AbortSignal): Promise<void> {
  const early = new AbortController();
  const wake = () => {
    if (document.visibilityState === 'visible') early.abort();
  };
  const { signal } = early;
  window.addEventListener('online', wake, { signal });
  document.addEventListener('visibilitychange', wake, { signal });
  await pauseUntil(ms, leastMs, signal, end).catch(() => undefined);
  early.abort();
}
