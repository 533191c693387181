/** Noticing that this machine, or this page, has slept. */
const LOOK_MS = 10_000;
/** Timers of a hidden page ring once a minute: one that is later was held by a sleep. */
const SLEPT_MS = 90_000;

/** Call `act` each time that this machine, or this page, has slept, until `end`. */
export function onWaking(act: () => void, end: AbortSignal): void {
  let lastMs = Date.now();
  const looking = setInterval(() => {
    const nowMs = Date.now();
    if (nowMs - lastMs > SLEPT_MS) act();
    lastMs = nowMs;
  }, LOOK_MS);
  end.addEventListener('abort', () => {
    clearInterval(looking);
  });
}
