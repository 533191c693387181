/** The service worker of streamed saving: registered when the first content is saved. */
import { trustedScript } from '../crypto/trusted';
import { SAVE_FOLDER } from '../sw/messages';

const SCRIPT = 'sw.js';

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
    const coming = registration.installing ?? registration.waiting;
    if (coming === null) return registration.active;
    return await activated(coming);
  } catch {
    return null;
  }
}

function activated(worker: ServiceWorker): Promise<ServiceWorker | null> {
  return new Promise((resolve) => {
    const look = () => {
      if (worker.state === 'activated') resolve(worker);
      if (worker.state === 'redundant') resolve(null);
    };
    worker.addEventListener('statechange', look);
    look();
  });
}
