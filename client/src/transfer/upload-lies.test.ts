/** What a hostile server tells a sender is not sealed: it may cost the upload, and no more. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import type { Keeper } from '../crypto/keeper';
import { readAnswer } from '../protocol/control';
import { asProblem } from '../protocol/errors';
import type { Links } from './links';
import { type ContentServer, joinedServer } from './testing';
import { uploadJob } from './testing-job';
import { Upload } from './upload';

const MIB = 1024 * 1024;
const SIZE = 3 * MIB + 5;
const MOST = Number.MAX_SAFE_INTEGER;
const REQUESTS_MAX = 20;

let keeper: Keeper;
let server: ContentServer;
let roots: string[];

beforeEach(async () => {
  ({ keeper, server } = await joinedServer());
  roots = [];
});
afterEach(() => {
  server.stop();
  vi.unstubAllGlobals();
});

/** The server, with other answers to an event than its own: so often, at most. */
function lying(event: string, answer: object, times = Infinity): Links {
  let left = times;
  const joined: Links['joined'] = async () => {
    const honest = await server.joined();
    const request: typeof honest.control.request = async (asked, body, moreMs) => {
      if (server.asked.length > REQUESTS_MAX) throw new Error('it asks for ever');
      if (asked !== event || left === 0) return honest.control.request(asked, body, moreMs);
      left -= 1;
      server.asked.push(asked);
      try {
        return readAnswer(asked, answer);
      } catch (thrown) {
        throw asProblem(thrown);
      }
    };
    return { ...honest, control: { request } };
  };
  return { joined, drop: server.drop };
}

/** Send a file to the server as it was at first; gives the code with which that failed, null when it is said to be done. */
async function send(links: Links): Promise<string | null> {
  for (const told of [server.asked, server.puts, roots]) told.length = 0;
  server.chunks.clear();
  server.offered.clear();
  server.isComplete = false;
  const job = await uploadJob(keeper, server, roots, new Blob([new Uint8Array(SIZE).fill(7)]));
  const hooks = { onSent: () => undefined, onWaiting: () => undefined };
  const { signal } = new AbortController();
  const upload = new Upload(job, hooks, signal);
  const code = await upload.run(links, signal).then(
    () => null,
    (thrown: unknown) => asProblem(thrown).code,
  );
  // The same place never had two chunks, unless the server had said to have lost the first.
  expect([...server.offered.values()].every(({ size }) => size === 1)).toBe(true);
  return code;
}

async function expectAllThere(): Promise<void> {
  expect(server.missing()).toEqual([]);
  expect(roots.at(-1)).toBe(await keeper.root(server.digests()));
}

const MISSING = [
  [],
  [[0, 0]],
  [[0, MOST]],
  [[1, 2 ** 32]],
  [[-MOST, MOST]],
  [[-5, -1]],
  [[1000, 2000]],
  [[MOST, MOST]],
  [[3, 1]],
  Array.from({ length: 20_000 }, () => [0, MOST]),
];

it('sends all of it, whatever is said to be missing at first', async () => {
  for (const missing of MISSING) {
    const result = { revision: 1, state: 'uploading', missing };
    expect(await send(lying('content:share', { result }))).toBeNull();
    await expectAllThere();
  }
});

it.each(['uploading', 'damaged', 'complete'])(
  'sends all of it, although the server says that it is %s',
  async (state) => {
    for (const [revision, stored_count] of [
      [0, 0],
      [MOST, MOST],
      [1, -1],
    ]) {
      const said = { revision, state, stored_count };
      expect(await send(lying('content:share', { result: said }))).toBeNull();
      await expectAllThere();
    }
  },
);

it('does not send for ever what is said to be missing', async () => {
  for (const missing of MISSING) {
    const error = { code: 'chunks_missing', message: 'Send them.', missing };
    expect(await send(lying('content:complete', { error }))).toBe('bad_answer');
    expect(server.puts).toHaveLength(server.count);
    expect(server.asked.length).toBeLessThan(5);
  }
});

it('completes what was once said to be missing, and is there', async () => {
  const error = { code: 'chunks_missing', message: 'Send them.', missing: [[0, MOST]] };
  expect(await send(lying('content:complete', { error }, 1))).toBeNull();
  await expectAllThere();
});

it('takes no nonsense for a completion', async () => {
  const results = [{}, null, [], { revision: -1 }, { revision: '2' }].map((result) => ({ result }));
  for (const answer of [{}, [], { error: {} }, ...results]) {
    expect(await send(lying('content:complete', answer))).toBe('bad_answer');
  }
});
