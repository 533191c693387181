/**
 * The service worker: answers one kind of address, `save/{id}`, with a download that its page
 * feeds. It stores nothing, and no other request passes through it (its scope is `save/`).
 * It is one file: nothing but types may be imported here.
 */
import type { WorkerWord } from './messages';

declare const self: ServiceWorkerGlobalScope;

const MINUTE_MS = 60_000;
/**
 * A page that pings not once in so many is gone, as one that was reloaded. A hidden page's timers
 * ring once a minute. It is counted, not timed: a machine that slept leaves its page time to ping.
 */
const SILENT_MINUTES_MAX = 5;

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

interface Save {
  readonly name: string;
  readonly size: number | null;
  readonly port: MessagePort;
  hasBegun: boolean;
  /** Minutes of its download since its page was heard. */
  silentMinutes: number;
}

/** All that this life of the worker was told of. */
const saves = new Map<string, Save>();

function tell(port: MessagePort, word: WorkerWord): void {
  port.postMessage(word);
}

/** Free the memory of a piece at once, as crypto/spent.ts does. */
function discard(spent: Uint8Array): void {
  const { port1, port2 } = new MessageChannel();
  port2.close();
  port1.postMessage(null, [spent.buffer]);
  port1.close();
}

/** The pieces that the page sends, one for each that the download asks for. */
function streamOf(save: Save): ReadableStream<Uint8Array> {
  const { port } = save;
  const given: Uint8Array[] = [];
  let listening: ReturnType<typeof setInterval>;
  const source: UnderlyingDefaultSource<Uint8Array> = {
    start: (controller) => {
      listening = setInterval(() => {
        save.silentMinutes += 1;
        if (save.silentMinutes <= SILENT_MINUTES_MAX) return;
        clearInterval(listening);
        controller.error(new Error('The page is gone.'));
        tell(port, 'stopped');
      }, MINUTE_MS);
      port.onmessage = ({ data }: MessageEvent<unknown>) => {
        if (!isRecord(data)) return;
        if (data['kind'] === 'piece' && data['plain'] instanceof Uint8Array) {
          controller.enqueue(data['plain']);
          given.push(data['plain']);
        }
        if (data['kind'] === 'end' || data['kind'] === 'failed') clearInterval(listening);
        if (data['kind'] === 'end') controller.close();
        if (data['kind'] === 'failed') controller.error(new Error('The content was not whole.'));
      };
    },
    pull: () => {
      given.splice(0).forEach(discard);
      tell(port, 'pull');
    },
    cancel: () => {
      clearInterval(listening);
      tell(port, 'stopped');
    },
  };
  // Without a queue the next piece is asked for when the one before it has been read.
  return new ReadableStream(source, { highWaterMark: 0 });
}

/** RFC 8187: the name in UTF-8, percent-encoded. */
function attachment(name: string): string {
  const escaped = encodeURIComponent(name).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename*=UTF-8''${escaped}`;
}

function answer(save: Save): Response {
  save.hasBegun = true;
  const headers = new Headers({
    'Content-Type': 'application/octet-stream',
    'Content-Disposition': attachment(save.name),
    'Content-Security-Policy': "default-src 'none'; sandbox",
    'X-Content-Type-Options': 'nosniff',
    // The page takes nothing into a frame that says less.
    'Cross-Origin-Embedder-Policy': 'require-corp',
    'Cache-Control': 'no-store',
  });
  if (save.size !== null) headers.set('Content-Length', String(save.size));
  return new Response(streamOf(save), { headers });
}

self.addEventListener('install', (event) => {
  event.waitUntil(self.skipWaiting());
});

self.addEventListener('message', (event) => {
  const data: unknown = event.data;
  const port = event.ports[0];
  if (!isRecord(data) || port === undefined) return;
  const { kind, id, name, size } = data;
  if (typeof id !== 'string') return;
  const known = saves.get(id);
  if (known !== undefined) known.silentMinutes = 0;
  // One that was ended and begun anew has lost the streams of the one before.
  if (kind === 'ping') tell(port, known === undefined ? 'stopped' : 'alive');
  if (kind !== 'save' || typeof name !== 'string') return;
  const length = typeof size === 'number' ? size : null;
  saves.set(id, { name, size: length, port, hasBegun: false, silentMinutes: 0 });
  tell(port, 'ready');
});

self.addEventListener('fetch', (event) => {
  const id = event.request.url.slice(self.registration.scope.length);
  const save = saves.get(id);
  // Without an answer of content the browser stays on the page that it is on.
  const isNew = save !== undefined && !save.hasBegun;
  event.respondWith(isNew ? answer(save) : new Response(null, { status: 204 }));
});
