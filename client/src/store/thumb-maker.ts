/** Thumbnails of pictures that are shared, each made in a worker of its own. */
import { wrap } from 'comlink';

import { base64url } from '../crypto/bytes';
import { trustedScript } from '../crypto/trusted';
import type { SealedThumb } from './thumb';
import type { DrawThumb } from './thumb-worker';
import workerAddress from './thumb-worker?worker&url';

/** Larger files are not drawn: decoded they may take many times as much memory. */
const DRAWN_MAX_BYTES = 64 * 1024 * 1024;
/** After so long it is sent without; a photo of 12 megapixels takes some 0.2 s. */
const DRAWING_MS = 5000;

/**
 * Draw a picture small; null for what this browser cannot draw. The worker and all that it holds
 * end with it, whatever the picture did to it.
 */
export async function makeThumb(picture: Blob): Promise<SealedThumb | null> {
  if (picture.size > DRAWN_MAX_BYTES || typeof Worker === 'undefined') return null;
  const worker = new Worker(trustedScript(workerAddress), { type: 'module', name: 'thumb' });
  const end = new AbortController();
  const failed = new Promise<null>((resolve) => {
    const fail = () => {
      resolve(null);
    };
    worker.addEventListener('error', fail, { signal: end.signal });
    AbortSignal.timeout(DRAWING_MS).addEventListener('abort', fail, { signal: end.signal });
  });
  try {
    const drawn = await Promise.race([wrap<DrawThumb>(worker)(picture), failed]);
    if (drawn === null) return null;
    const { width, height, bytes } = drawn;
    return { width, height, data: base64url(new Uint8Array(bytes)) };
  } catch {
    // It is no picture after all, or of a kind that this browser does not draw.
    return null;
  } finally {
    end.abort();
    worker.terminate();
  }
}
