/** The service worker of streamed saving: registered when the first content is saved. */
import { trustedScript } from '../crypto/trusted';
import { SAVE_FOLDER } from '../sw/messages';

const SCRIPT = 'sw.js';
/** A worker that is not there by then is done without. */
const START_MS = 5_000;

/** The running worker, or null where there is none to be had. */
export async function activeSaver(): Promise<ServiceWorker | null> {
  const base = new URL('.', document.baseURI);
  try {
    const registration = await navigator.serviceWorker.register(
      trustedScript(new URL(SCRIPT, base).href),
      {
        scope: new URL(SAVE_FOLDER, base).pathname,
      },
    );
    if (comingOf(registration) === null) await renewed(registration);
    const coming = comingOf(registration);
    if (coming === null) return registration.active;
    return await activated(coming);
  } catch {
    return null;
  }
}

function comingOf({ installing, waiting }: ServiceWorkerRegistration): ServiceWorker | null {
  return installing ?? waiting;
}

/** Ask for a newer worker: one of before the server's update may answer as this page cannot use. */
async function renewed(registration: ServiceWorkerRegistration): Promise<void> {
  const late = new Promise((resolve) => setTimeout(resolve, START_MS));
  // Without the server the one that is there has to do.
  const asked = registration.update().catch(() => undefined);
  await Promise.race([asked, late]);
}

/** Wait until the worker runs; null when it is given up, or takes too long. */
export function activated(worker: ServiceWorker): Promise<ServiceWorker | null> {
  return new Promise((resolve) => {
    const over = new AbortController();
    const end = (found: ServiceWorker | null) => {
      clearTimeout(late);
      over.abort();
      resolve(found);
    };
    const look = () => {
      if (worker.state === 'activated') end(worker);
      if (worker.state === 'redundant') end(null);
    };
    const late = setTimeout(end, START_MS, null);
    worker.addEventListener('statechange', look, { signal: over.signal });
    look();
  });
}
