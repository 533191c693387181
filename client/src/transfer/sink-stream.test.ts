/** Streamed saves: the real service worker, in a browser that ends it when it likes. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import type { Sink } from './sink';
import { openStreamSink } from './sink-stream';

const BASE = 'https://share.example/';
const SCOPE = `${BASE}save/`;

/** The globals of a service worker, as far as it uses them; each life has its own. */
class Scope extends EventTarget {
  readonly registration = { scope: SCOPE };
  readonly ports: MessagePort[] = [];
  readonly skipWaiting = () => Promise.resolve();
}

/** A service worker as its page sees it: what is said to it begins it anew when it was ended. */
class Worker extends EventTarget {
  readonly state = 'activated';
  isDumb = false;
  #scope: Promise<Scope> | null = null;

  readonly postMessage = (data: unknown, ports: MessagePort[]): void => {
    void this.#running().then((scope) => {
      scope.ports.push(...ports);
      const event = Object.assign(new Event('message'), { data, ports });
      if (!this.isDumb) scope.dispatchEvent(event);
    });
  };

  async fetch(url: string): Promise<Response> {
    const scope = await this.#running();
    return new Promise((respondWith) => {
      const fetched = { request: { url }, respondWith };
      scope.dispatchEvent(Object.assign(new Event('fetch'), fetched));
    });
  }

  /** As browsers do after 30 s: no event tells of it. */
  async end(): Promise<void> {
    const scope = await this.#running();
    this.#scope = null;
    for (const port of scope.ports) port.close();
  }

  async #begin(): Promise<Scope> {
    const scope = new Scope();
    vi.stubGlobal('self', scope);
    vi.resetModules();
    await import('../sw/sw');
    return scope;
  }

  #running(): Promise<Scope> {
    this.#scope ??= this.#begin();
    return this.#scope;
  }
}

let worker: Worker;
let reader: ReadableStreamDefaultReader<Uint8Array>;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
  worker = new Worker();
  const registration = {
    installing: null,
    waiting: null,
    active: worker,
    update: () => Promise.resolve(),
  };
  const register = () => Promise.resolve(registration);
  vi.stubGlobal('location', new URL(BASE));
  vi.stubGlobal('navigator', { serviceWorker: { register } });
  const append = ({ src }: { src: string }) => {
    void worker.fetch(src).then(({ body }) => {
      if (body === null) throw new Error('no download');
      reader = body.getReader();
      read();
    });
  };
  const createElement = () => ({ hidden: false, src: '', remove: () => undefined });
  vi.stubGlobal('document', { baseURI: BASE, createElement, body: { append } });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

let pieces: Uint8Array[] = [];
/** What the browser shows of the download. */
let shown: 'running' | 'finished' | 'failed';
/** Take one piece of the download. */
function read(): void {
  reader.read().then(
    ({ value, done }) => {
      if (value !== undefined) pieces.push(value.slice());
      if (done) shown = 'finished';
    },
    () => (shown = 'failed'),
  );
}

async function begun(size: number | null = null): Promise<Sink> {
  pieces = [];
  shown = 'running';
  const sink = await openStreamSink({ name: 'a.bin', size }, new AbortController().signal);
  if (sink === null) throw new Error('no service worker');
  return sink;
}

/** Let time pass, as long as messages need it between. */
async function pass(seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    await vi.advanceTimersByTimeAsync(1_000);
    for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
  }
}

const piece = () => Uint8Array.from([1, 2, 3]);

it('says that a download is over whose worker the browser has ended', async () => {
  const sink = await begun();
  await sink.write(piece());
  await pass(1);
  expect(pieces).toEqual([piece()]);
  read();
  await pass(60);
  await worker.end();
  // Nobody takes it any more, and a new worker says so.
  await sink.write(piece());
  await expect(sink.write(piece())).rejects.toMatchObject({ code: 'save_stopped' });
  expect(pieces).toHaveLength(1);
});

it('says so by itself while it waits, though no worker begins anew', async () => {
  const sink = await begun();
  await sink.write(piece());
  await pass(1);
  worker.isDumb = true;
  const waiting = expect(sink.write(piece())).rejects.toMatchObject({ code: 'save_stopped' });
  await pass(40);
  await waiting;
});

it('waits for a reader who takes nothing as long as the worker lives', async () => {
  const sink = await begun();
  await sink.write(piece());
  await pass(1);
  const done = vi.fn();
  const waiting = sink.write(piece()).then(done);
  await pass(600);
  expect(done).not.toHaveBeenCalled();
  read();
  await waiting;
  await vi.waitFor(() => {
    expect(pieces).toHaveLength(2);
  });
});

// Chromium counts no bytes of a worker's answer: what it hears at the end is all that it knows.
it.each([
  ['failed', 6, 'abort'],
  ['failed', null, 'abort'],
  ['finished', 3, 'close'],
  ['finished', null, 'close'],
] as const)(
  'has the browser show as %s a download of %s bytes at its %s',
  async (end, size, act) => {
    const sink = await begun(size);
    await sink.write(piece());
    await pass(1);
    read();
    await sink[act]();
    await pass(1);
    expect(shown).toBe(end);
  },
);

it('has the browser show as failed a download whose page is gone, not at its first silence', async () => {
  const sink = await begun();
  await sink.write(piece());
  await pass(1);
  read();
  worker.isDumb = true;
  await pass(290);
  expect(shown).toBe('running');
  await pass(120);
  expect(shown).toBe('failed');
});
