import { afterEach, expect, it, vi } from 'vitest';

import { type Control, readAnswer } from '../protocol/control';
import { ownProblem, ProblemError } from '../protocol/errors';
import { type Joined, type Links, outliving, persist } from './links';
import { Places } from './window';

const NEVER = new AbortController().signal;

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Joined connections that are lost when the test says so; the next one is there at once. */
class Lines implements Links {
  #lost = new AbortController();

  lose(): void {
    this.#lost.abort();
    this.#lost = new AbortController();
  }

  readonly joined = (): Promise<Joined> => {
    const control: Control = {
      request: (event) => Promise.resolve().then(() => readAnswer(event, {})),
    };
    const { signal: lost } = this.#lost;
    return Promise.resolve({
      sessionId: '',
      control,
      token: '',
      requests: new Places(1),
      lost,
      over: NEVER,
    });
  };

  readonly drop = () => {
    this.lose();
  };
}

/** Persist over `failures`, one a try; gives what it waited for. */
async function waits(lines: Lines, failures: ProblemError[], onFailure = () => undefined) {
  const waited: (string | null)[] = [];
  const done = await persist(
    lines,
    NEVER,
    (problem) => waited.push(problem?.code ?? null),
    () => {
      const failure = failures.shift();
      if (failure === undefined) return Promise.resolve('done');
      queueMicrotask(onFailure);
      return Promise.reject(failure);
    },
  );
  expect(done).toBe('done');
  return waited;
}

const busy = () => new ProblemError('busy', 'Busy.', true);

it('says for what it waits, and that it is the connection once that is lost', async () => {
  expect(await waits(new Lines(), [busy()])).toEqual(['busy']);
  const lines = new Lines();
  const pausing = waits(lines, [busy()], () => {
    setTimeout(() => {
      lines.lose();
    }, 0);
    return undefined;
  });
  expect(await pausing).toEqual(['busy', null]);
});

it('joins again when its token is refused', async () => {
  expect(await waits(new Lines(), [new ProblemError('not_joined', '', false)])).toEqual([
    null,
    null,
  ]);
});

it('gives up at a failure that does not pass', async () => {
  const failures = [ownProblem('content_not_found')];
  await expect(waits(new Lines(), failures)).rejects.toMatchObject({ code: 'content_not_found' });
});

/** How long a try that failed with `failure` is followed by none, milliseconds. */
async function waitedMs(failure: ProblemError): Promise<number> {
  const begunAt = Date.now();
  const waiting = waits(new Lines(), [failure]).then(() => Date.now() - begunAt);
  await vi.runAllTimersAsync();
  return waiting;
}

it('waits as long as a server that throttles asks', async () => {
  vi.useFakeTimers();
  const asking = { retryAfterSeconds: 7 };
  expect(await waitedMs(new ProblemError('throttled', 'Wait.', true, asking))).toBe(7000);
});

it('waits another time than others who failed with it', async () => {
  vi.useFakeTimers();
  vi.spyOn(Math, 'random').mockReturnValueOnce(0).mockReturnValueOnce(0.5);
  expect(await waitedMs(busy())).toBe(500);
  expect(await waitedMs(busy())).toBe(375);
});

it('lets what is under way outlive a connection, but not a sleep', () => {
  vi.useFakeTimers();
  const sleep = () => {
    vi.setSystemTime(Date.now() + 3_600_000);
    vi.advanceTimersByTime(10_000);
  };
  const [lost, open] = [new AbortController(), new AbortController()];
  const lasting = outliving(lost.signal);
  lost.abort();
  vi.advanceTimersByTime(59_000);
  expect(lasting.aborted).toBe(false);
  vi.advanceTimersByTime(1_000);
  expect(lasting.aborted).toBe(true);

  const before = [outliving(AbortSignal.abort()), outliving(open.signal)];
  sleep();
  expect(before.map((over) => over.aborted)).toEqual([true, true]);
  // What was joined after the sleep is none of it.
  vi.setSystemTime(Date.now() + 3_600_000);
  const woken = outliving(open.signal);
  vi.advanceTimersByTime(30_000);
  expect(woken.aborted).toBe(false);
});
