import { afterEach, expect, it, vi } from 'vitest';

import { ProblemError } from '../protocol/errors';

import { eachInWindow, inOrder, Line, Places, REQUESTS_COUNT } from './window';

afterEach(() => {
  vi.restoreAllMocks();
});

/** Work that ends when the test says so, and counts how much of it runs at once. */
class Works {
  running = 0;
  most = 0;
  readonly started: number[] = [];
  readonly #ends = new Map<number, (failure?: Error) => void>();

  readonly work = (item: number): Promise<number> => {
    this.started.push(item);
    this.running += 1;
    this.most = Math.max(this.most, this.running);
    return new Promise((resolve, reject) => {
      this.#ends.set(item, (failure) => {
        this.running -= 1;
        if (failure === undefined) resolve(item);
        else reject(failure);
      });
    });
  };

  readonly workOnly = async (item: number): Promise<void> => {
    await this.work(item);
  };

  async end(item: number, failure?: Error): Promise<void> {
    this.#ends.get(item)?.(failure);
    await settled();
  }
}

/** Let every promise that can go on do so. */
function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

it('keeps the width and starts in order', async () => {
  const works = new Works();
  const all = eachInWindow([0, 1, 2, 3, 4], 2, works.workOnly);
  await settled();
  expect(works.started).toEqual([0, 1]);
  await works.end(1);
  expect(works.started).toEqual([0, 1, 2]);
  for (const item of [0, 2, 3, 4]) await works.end(item);
  await all;
  expect(works.most).toBe(2);
});

it('starts nothing after a failure and ends when the rest has ended', async () => {
  const works = new Works();
  const failure = new Error('broken');
  let outcome: unknown = 'open';
  const all = eachInWindow([0, 1, 2, 3], 2, works.workOnly)
    .then(() => 'done')
    .catch((thrown: unknown) => thrown)
    .then((end) => {
      outcome = end;
    });
  await settled();
  await works.end(0, failure);
  expect(outcome).toBe('open');
  await works.end(1);
  await all;
  expect(outcome).toBe(failure);
  expect(works.started).toEqual([0, 1]);
});

it('does nothing for nothing', async () => {
  await eachInWindow([], 4, () => Promise.reject(new Error('never called')));
});

it('yields in order whatever ends first', async () => {
  const works = new Works();
  const found: number[] = [];
  const reading = (async () => {
    for await (const item of inOrder([0, 1, 2, 3], 3, works.work)) found.push(item);
  })();
  await settled();
  expect(works.started).toEqual([0, 1, 2]);
  await works.end(2);
  await works.end(1);
  expect(found).toEqual([]);
  await works.end(0);
  expect(found).toEqual([0, 1, 2]);
  await works.end(3);
  await reading;
  expect(found).toEqual([0, 1, 2, 3]);
  expect(works.most).toBe(3);
});

it('throws the failure at its place, after all before it', async () => {
  const works = new Works();
  const found: number[] = [];
  const reading = (async () => {
    for await (const item of inOrder([0, 1, 2, 3], 2, works.work)) found.push(item);
  })();
  const outcome = expect(reading).rejects.toThrow('broken');
  await settled();
  await works.end(1, new Error('broken'));
  await works.end(0);
  await outcome;
  expect(found).toEqual([0]);
});

it('gives places in the order of asking, never one too many', async () => {
  const works = new Works();
  const places = new Places(2);
  const all = [0, 1, 2, 3].map((item) => places.take(() => works.workOnly(item)));
  await settled();
  expect(works.started).toEqual([0, 1]);
  await works.end(1);
  const late = places.take(() => works.workOnly(4));
  await works.end(0);
  expect(works.started).toEqual([0, 1, 2, 3]);
  for (const item of [2, 3, 4]) await works.end(item);
  await Promise.all([...all, late]);
  expect(works.started).toEqual([0, 1, 2, 3, 4]);
  expect(works.most).toBe(2);
});

it('gives the place on of one that failed', async () => {
  const places = new Places(1);
  const failing = places.take(() => Promise.reject(new Error('broken')));
  const next = places.take(() => Promise.resolve('next'));
  await expect(failing).rejects.toThrow('broken');
  expect(await next).toBe('next');
});

/** Requests on a line, each of which takes as long as the test says. */
class Requests {
  readonly line = new Line();
  readonly works = new Works();
  readonly all: Promise<void>[] = [];
  #nowMs = 0;

  constructor() {
    vi.spyOn(performance, 'now').mockImplementation(() => this.#nowMs);
  }

  async ask(items: readonly number[]): Promise<void> {
    for (const item of items) this.all.push(this.line.take(() => this.works.workOnly(item)));
    await settled();
  }

  async end(item: number, tookMs: number, failure?: Error): Promise<void> {
    this.#nowMs += tookMs;
    await this.works.end(item, failure);
  }
}

it('sends one request at first, and more of them while they are quick', async () => {
  const requests = new Requests();
  const items = Array.from({ length: 40 }, (_, item) => item);
  await requests.ask(items);
  expect(requests.works.started).toEqual([0]);
  await requests.end(0, 100);
  expect(requests.works.running).toBe(2);
  for (const item of items.slice(1)) await requests.end(item, 100);
  await Promise.all(requests.all);
  expect(requests.works.most).toBe(REQUESTS_COUNT);
});

it('does not send two at a time over a line on which one takes long', async () => {
  const requests = new Requests();
  await requests.ask([0, 1, 2, 3, 4, 5]);
  await requests.end(0, 100);
  await requests.end(1, 16_000);
  await requests.end(2, 0);
  expect(requests.works.started).toEqual([0, 1, 2, 3]);
  for (const item of [3, 4, 5]) {
    expect(requests.works.running).toBe(1);
    await requests.end(item, 52_000);
  }
  await Promise.all(requests.all);
});

it.each(['timeout', 'request_timeout'])('sends one at a time after a %s', async (code) => {
  const requests = new Requests();
  await requests.ask([0, 1, 2, 3, 4]);
  for (const item of [0, 1]) await requests.end(item, 100);
  expect(requests.works.running).toBe(3);
  const failure = new ProblemError(code, 'Too slow.', true);
  const failed = expect(requests.all[2]).rejects.toBe(failure);
  await requests.end(2, 100, failure);
  await failed;
  await requests.end(3, 10_000);
  expect(requests.works.running).toBe(1);
  await requests.end(4, 0);
});
