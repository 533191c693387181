/**
 * Staying in a session: one joined connection after the other (protocol.md 4).
 *
 * When one is lost the next is opened after a back-off, at once when the network or the page
 * comes back. Only what the member alone can mend ends it.
 */
import { type Announced, type Control, openControl } from '../protocol/control';
import { asProblem, ownProblem, type ProblemError } from '../protocol/errors';
import { type Joined, type Links, outliving } from '../transfer/links';
import { askedMs, backoffMs, pause, waitAfterMs } from '../transfer/retry';
import { Line } from '../transfer/window';
import { Inbox } from './inbox';
import { aborted, calledBack, lookedAt } from './looking';
import type { Link } from './model';
import { endOf, problemView } from './problem';

/** What entering the session over a new connection needs, and gives. */
export interface Entrance {
  readonly control: Control;
  readonly inbox: Inbox;
}

export interface Entered {
  readonly sessionId: string;
  readonly token: string;
}

export interface ConnectionDoor {
  /** Say hello, join, take in the first page; rejects with a ProblemError. */
  readonly enter: (entrance: Entrance) => Promise<Entered>;
  readonly onAnnounced: (entrance: Entrance, announced: Announced) => Promise<void>;
  readonly onLink: (link: Link) => void;
  /** Whether the server must hear of this member though nobody looks at the page. */
  readonly isNeeded: () => boolean;
}

/** How long the server is given to hear that this member leaves. */
const FAREWELL_MS = 1_000;

/** What transfers need of a connection. */
export type Lines = Pick<Connection, 'joined' | 'drop' | 'now'>;

/** Failures that no repetition mends. */
const FINAL_CODES: ReadonlySet<string> = new Set([
  'wrong_passphrase',
  'passphrase_changed',
  'server_forged',
  'update_needed',
  'suite_unknown',
  'iterations_refused',
]);

/** A first join is begun again within this time, so that whoever waits at the form soon hears. */
const FIRST_MS = 3_000;

export class Connection implements Links {
  readonly #door: ConnectionDoor;
  readonly #ended = new AbortController();
  #joined: Joined | null = null;
  #lose: () => void = () => undefined;
  readonly #waiting = new Set<() => void>();
  #problem: ProblemError | null = null;
  /** The server closed the connection because nothing was said. */
  #isIdle = false;

  constructor(door: ConnectionDoor) {
    this.#door = door;
  }

  /** Join, over a connection that is lost again; rejects when that fails. Stay until `leave`. */
  async start(): Promise<void> {
    const untilMs = performance.now() + FIRST_MS;
    for (let attempt = 0; this.#joined === null; attempt += 1) {
      try {
        await this.#open();
      } catch (thrown) {
        const problem = asProblem(thrown);
        const waitMs = backoffMs(attempt, Math.random());
        if (problem.code !== 'offline' || performance.now() + waitMs > untilMs) {
          this.#ended.abort();
          throw problem;
        }
        await pause(waitMs, this.#ended.signal);
      }
    }
    void this.#stay();
  }

  readonly joined = async (signal: AbortSignal): Promise<Joined> => {
    for (;;) {
      if (signal.aborted) throw ownProblem('cancelled');
      this.assertOpen();
      if (this.#joined !== null) return this.#joined;
      await this.#changed(signal);
    }
  };

  readonly drop = (joined: Joined): void => {
    if (this.#joined === joined) this.#lose();
  };

  /** Throws why the session is over, when it is. */
  assertOpen(): void {
    if (this.#ended.signal.aborted) throw this.#problem ?? ownProblem('left');
  }

  /** The present connection; throws with `offline` at once when there is none. */
  now(): Joined {
    this.assertOpen();
    if (this.#joined === null) throw ownProblem('offline');
    return this.#joined;
  }

  /**
   * Leave for good, at once. The server is told behind it, if it hears: what this member had
   * begun to send and will not finish is removed there.
   */
  leave(unfinished: readonly string[]): void {
    const joined = this.#joined;
    this.#joined = null;
    this.#ended.abort();
    this.#tell();
    if (joined === null) return;
    const { control } = joined;
    const told = [
      ...unfinished.map((content_id) => control.request('content:remove', { content_id })),
      control.request('session:leave', {}),
    ];
    const late = new Promise((resolve) => setTimeout(resolve, FAREWELL_MS));
    // Whether or not the server hears it: its token ends with the connection.
    void Promise.race([Promise.allSettled(told), late]).then(() => this.#lose());
  }

  #isOver(): boolean {
    return this.#ended.signal.aborted;
  }

  #tell(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  async #changed(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const wake = () => {
        this.#waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake);
    });
  }

  /** Open a connection and join over it, unless the end comes first. */
  async #open(): Promise<void> {
    const end = this.#ended.signal;
    const lost = new AbortController();
    const lose = () => {
      lost.abort();
    };
    end.addEventListener('abort', lose);
    try {
      const inbox = new Inbox(lose, lost.signal);
      const control = await openControl((announced) => {
        if (announced.event === 'session:ended') this.#end(endOf(announced.body.reason));
        else if (announced.event === 'member:idled') this.#isIdle = true;
        else void inbox.add(() => this.#door.onAnnounced({ control, inbox }, announced));
      }, lost);
      const entered = await this.#door.enter({ control, inbox });
      if (lost.signal.aborted) throw ownProblem('offline');
      const requests = new Line();
      const over = outliving(lost.signal);
      over.addEventListener('abort', lose);
      this.#joined = { ...entered, control, requests, lost: lost.signal, over };
    } catch (thrown) {
      lose();
      throw thrown;
    } finally {
      end.removeEventListener('abort', lose);
    }
    this.#lose = lose;
    this.#door.onLink({ state: 'online' });
    this.#tell();
  }

  /** Wait for each loss and come back, until the end. */
  async #stay(): Promise<void> {
    const end = this.#ended.signal;
    const drop = () => {
      if (this.#joined !== null) this.#lose();
    };
    window.addEventListener('offline', drop, { signal: end });
    while (!end.aborted) {
      if (this.#joined !== null) await aborted(this.#joined.lost);
      this.#joined = null;
      if (this.#isOver()) return;
      if (this.#isIdle && (await this.#rest())) continue;
      const problem = await this.#comeBack();
      if (problem !== null) this.#end(problem);
    }
  }

  #end(problem: ProblemError): void {
    this.#problem = problem;
    this.#ended.abort();
    this.#door.onLink({ state: 'ended', error: problemView(problem) });
    this.#lose();
    this.#tell();
  }

  /** Wait until somebody looks at the page or it is needed; says whether it came back at once. */
  async #rest(): Promise<boolean> {
    this.#isIdle = false;
    if (document.visibilityState !== 'visible' && !this.#door.isNeeded()) {
      this.#door.onLink({ state: 'paused' });
      await lookedAt(this.#ended.signal);
    }
    if (this.#isOver()) return true;
    return this.#open().then(
      () => true,
      () => false,
    );
  }

  /** Try until joined again; gives the problem that ends the session, or null. */
  async #comeBack(): Promise<ProblemError | null> {
    const end = this.#ended.signal;
    let problem = ownProblem('offline');
    for (let attempt = 0; !end.aborted; attempt += 1) {
      const wait = waitAfterMs(problem, attempt, Math.random());
      const offline = { state: 'offline', problem: problemView(problem) } as const;
      this.#door.onLink({ ...offline, retryAt: Date.now() + wait });
      await calledBack(wait, askedMs(problem), end);
      if (this.#isOver()) return null;
      this.#door.onLink({ ...offline, retryAt: null });
      try {
        await this.#open();
        return null;
      } catch (thrown) {
        problem = asProblem(thrown);
        // Nobody has mistyped its name: it was there.
        if (problem.code === 'session_not_found') return ownProblem('session_gone', problem);
        if (FINAL_CODES.has(problem.code)) return problem;
      }
    }
    return null;
  }
}
