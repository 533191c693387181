/** Saving as a download that the service worker feeds: streamed, into the browser's folder. */
import { ownProblem, ProblemError } from '../protocol/errors';
import { type PageMessage, type PageWord, SAVE_FOLDER } from '../sw/messages';
import { activeSaver } from './saver';
import type { SaveTarget, Sink } from './sink';

/** A worker that does not answer by then cannot be used. */
const START_MS = 5_000;
/**
 * Browsers end a service worker after 30 s without an event of its own, and what comes over a
 * port is none. Hidden pages run timers once a minute: each piece pings too.
 */
const PING_MS = 10_000;
/** A worker that lets so many pass without a word is gone; a busy or waking machine is slow. */
const UNANSWERED_MAX = 2;
/** A small content is over before its browser has found out that its frame is a download. */
const FRAME_MS = 60_000;

/** Turns of the worker: each `pull` takes one piece. */
class Turns {
  readonly #port: MessagePort;
  readonly #worker: ServiceWorker;
  readonly #id: string;
  #pulls = 0;
  #unanswered = 0;
  #stopped = false;
  #wake: () => void = () => undefined;
  #known: () => void = () => undefined;
  readonly ready = new Promise<void>((resolve) => {
    this.#known = resolve;
  });

  constructor(port: MessagePort, worker: ServiceWorker, id: string) {
    this.#port = port;
    this.#worker = worker;
    this.#id = id;
    worker.addEventListener('statechange', () => {
      // A newer one took its place: it says nothing any more.
      if (worker.state === 'redundant') this.#stop();
    });
    port.onmessage = (event) => this.#hear(event);
  }

  #hear({ data }: MessageEvent<unknown>): void {
    this.#unanswered = 0;
    if (data === 'ready') this.#known();
    if (data === 'pull') this.#pulls += 1;
    if (data === 'stopped') this.#stop();
    this.#wake();
  }

  /**
   * Ask the worker whether it still feeds the download; it answers however slowly that is read.
   * Of one that the browser ended a port tells nothing: a new one hears this, and says `stopped`.
   */
  ping(): void {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = (event) => {
      port1.close();
      this.#hear(event);
    };
    const message: PageMessage = { kind: 'ping', id: this.#id };
    this.#worker.postMessage(message, [port2]);
  }

  /** Ping, unless those before were not answered: then it is over. */
  beat(): void {
    if (this.#unanswered >= UNANSWERED_MAX) this.#stop();
    this.#unanswered += 1;
    this.ping();
  }

  say(word: PageWord): void {
    this.#port.postMessage(word, word.kind === 'piece' ? [word.plain.buffer] : []);
  }

  #stop(): void {
    this.#stopped = true;
    this.#wake();
  }

  /** Wait until the download wants its next piece; `save_stopped` when it was ended. */
  async next(): Promise<void> {
    for (;;) {
      if (this.#stopped) throw ownProblem('save_stopped');
      if (this.#pulls > 0) break;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#pulls -= 1;
  }

  /** The first piece is wanted: the download has begun. */
  async begun(): Promise<void> {
    await this.next();
    this.#pulls += 1;
  }
}

async function within(ms: number, act: Promise<void>): Promise<boolean> {
  const late = new Promise<boolean>((resolve) => setTimeout(resolve, ms, false));
  return Promise.race([act.then(() => true), late]);
}

/**
 * Go to an address that is a download in a frame of its own. The page itself can go to one at a
 * time, a second would end the first, and each asks whether the page may be left.
 */
function openFrame(url: URL): HTMLIFrameElement {
  const frame = document.createElement('iframe');
  frame.hidden = true;
  frame.src = url.href;
  document.body.append(frame);
  return frame;
}

/**
 * Begin a download; null where no service worker runs (private windows, first errors).
 *
 * Rejects with the reason of `signal` when that is aborted before the browser knows of it.
 */
export async function openStreamSink(
  target: SaveTarget,
  signal: AbortSignal,
): Promise<Sink | null> {
  const worker = await activeSaver();
  if (worker === null) return null;
  const { port1, port2 } = new MessageChannel();
  const id = crypto.randomUUID();
  const turns = new Turns(port1, worker, id);
  const message: PageMessage = { kind: 'save', id, name: target.name, size: target.size };
  worker.postMessage(message, [port2]);
  if (!(await within(START_MS, turns.ready))) return null;
  signal.throwIfAborted();
  const frame = openFrame(new URL(`${SAVE_FOLDER}${id}`, new URL('.', document.baseURI)));
  const pinging = setInterval(() => turns.beat(), PING_MS);
  const end = (word: PageWord) => {
    clearInterval(pinging);
    turns.say(word);
    setTimeout(() => {
      frame.remove();
    }, FRAME_MS);
  };
  try {
    if (!(await within(START_MS, turns.begun()))) {
      end({ kind: 'failed' });
      return null;
    }
  } catch (thrown) {
    end({ kind: 'failed' });
    if (thrown instanceof ProblemError) throw thrown;
    return null;
  }
  return {
    write: async (plain) => {
      await turns.next();
      turns.ping();
      turns.say({ kind: 'piece', plain });
    },
    close: async () => {
      await turns.next();
      end({ kind: 'end' });
    },
    abort: () => {
      end({ kind: 'failed' });
      return Promise.resolve();
    },
  };
}
