/** The service worker of streamed saving: registered when the first content is saved. */
import { trustedScript } from '../crypto/trusted';
import { SAVE_FOLDER } from '../sw/messages';

const SCRIPT = 'sw.js';
/** A worker that is not there by then is done without. */
const START_MS = 5_000;

/** Whether the worker is no older than this page: it is looked for once, as that may take seconds. */
let isRenewed = false;

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
    const isNew = isRenewed || comingOf(registration) !== null || (await renewed(registration));
    const coming = comingOf(registration);
    const worker = coming === null ? registration.active : await activated(coming);
    isRenewed = isNew && worker !== null;
    return worker;
  } catch {
    return null;
  }
}

function comingOf({ installing, waiting }: ServiceWorkerRegistration): ServiceWorker | null {
  return installing ?? waiting;
}

/**
 * Ask for a newer worker: one of before the server's update may answer as this page cannot use.
 * False when nobody answered in time: without the server the one that is there has to do.
 */
async function renewed(registration: ServiceWorkerRegistration): Promise<boolean> {
  const late = new Promise<boolean>((resolve) => setTimeout(resolve, START_MS, false));
  const asked = registration.update().then(
    () => true,
    () => false,
  );
  return Promise.race([asked, late]);
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
