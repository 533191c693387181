import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { Keeper } from '../crypto/keeper';
import type { ProblemError } from '../protocol/errors';
import { openSource } from './source';
import { type ContentServer, joinedServer } from './testing';
import { uploadJob } from './testing-job';
import { shareInline, Upload, type UploadJob } from './upload';

const MIB = 1024 * 1024;
const SIZE = 17 * MIB + 5;

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

function jobOf(blob = new Blob([new Uint8Array(SIZE).fill(7)])): Promise<UploadJob> {
  return uploadJob(keeper, server, roots, blob);
}

const NEVER = new AbortController().signal;

async function send(job: UploadJob, cancelled = NEVER) {
  const sent: number[] = [];
  const waited: (ProblemError | null)[] = [];
  const hooks = {
    onSent: (bytes: number) => void sent.push(bytes),
    onWaiting: (problem: ProblemError | null) => void waited.push(problem),
  };
  await new Upload(job, hooks, cancelled).run(server, NEVER);
  return { sent, waited };
}

/** Seals each chunk once: as the keys of an equal file do, the same bytes whenever it is asked. */
function once(seal: UploadJob['seal']): UploadJob['seal'] {
  const sealed = new Map<number, ReturnType<UploadJob['seal']>>();
  return (index, isLast, plain) => {
    const known = sealed.get(index) ?? seal(index, isLast, plain);
    sealed.set(index, known);
    return known.then(({ bytes, digest }) => ({ bytes: bytes.slice(), digest }));
  };
}

/** Tells it to stop when chunk 6 is sealed. */
function stoppingAtSix(job: UploadJob, stop: AbortController): UploadJob {
  const seal: UploadJob['seal'] = (index, ...rest) => {
    if (index === 6) stop.abort();
    return job.seal(index, ...rest);
  };
  return { ...job, seal };
}

async function expectWhole(): Promise<void> {
  expect([server.isComplete, server.missing()]).toEqual([true, []]);
  expect(roots.at(-1)).toBe(await keeper.root(server.digests()));
}

describe('an upload', () => {
  it('sends every chunk once and completes with the root over them', async () => {
    const job = await jobOf();
    const sealed: Uint8Array[] = [];
    const seal: UploadJob['seal'] = async (...call) => {
      const chunk = await job.seal(...call);
      sealed.push(chunk.bytes);
      return chunk;
    };
    const { sent, waited } = await send({ ...job, seal });
    await expectWhole();
    expect(sealed.map(({ byteLength }) => byteLength)).toEqual(Array(sealed.length).fill(0));
    expect(server.asked).toEqual(['content:share', 'content:complete']);
    expect(server.moreMs).toBe(100 * server.count);
    expect([sent.at(0), sent.at(-1), waited]).toEqual([0, SIZE, []]);
    expect(sent).toEqual([...sent].sort((one, other) => one - other));
  });

  it.each(['break before', 'break after'] as const)(
    'goes on over a connection that breaks (%s it is stored), with the same sealed bytes',
    async (fault) => {
      server.faults.set('PUT 3', [fault]);
      server.faults.set('PUT 9', [fault, fault]);
      const { waited } = await send(await jobOf());
      await expectWhole();
      expect([...server.offered.values()].every((digests) => digests.size === 1)).toBe(true);
      expect(waited.length).toBeGreaterThan(0);
      expect(waited.every((problem) => problem === null)).toBe(true);
    },
  );

  it('does not send again what arrived although its answer was lost', async () => {
    server.faults.set('PUT 3', ['no answer']);
    const { waited } = await send(await jobOf());
    await expectWhole();
    expect(server.puts.filter((index) => index === 3)).toEqual([3]);
    expect(waited.map((problem) => problem?.code)).toEqual(['offline']);
  });

  it('lets arrive what is under way when its connection is lost', async () => {
    let open: () => void = () => undefined;
    server.gate = new Promise((resolve) => {
      open = resolve;
    });
    const sending = send(await jobOf());
    await vi.waitFor(() => {
      expect(server.open).toBe(4);
    });
    server.lose();
    open();
    await sending;
    await expectWhole();
    expect(server.puts).toHaveLength(server.count);
  });

  it('rests between two chunks, and goes on with those that are missing', async () => {
    const stop = new AbortController();
    const stopping = stoppingAtSix(await jobOf(), stop);
    const hooks = { onSent: () => undefined, onWaiting: () => undefined };
    const upload = new Upload(stopping, hooks, NEVER);
    await expect(upload.run(server, stop.signal)).rejects.toMatchObject({ code: 'cancelled' });
    const rested = server.puts.length;
    expect(rested).toBeGreaterThan(0);
    expect(rested).toBeLessThan(server.count);
    await upload.run(server, NEVER);
    await expectWhole();
    expect(server.puts).toHaveLength(server.count);
  });

  it('waits for a full disk and says so', async () => {
    server.faults.set('PUT 0', [{ status: 507, code: 'storage_full', retryable: true }]);
    const { waited } = await send(await jobOf());
    await expectWhole();
    expect(waited.map((problem) => problem?.code)).toEqual(['storage_full']);
  });

  it('has the token renewed when it is refused', async () => {
    server.faults.set('PUT 5', [{ status: 401, code: 'not_joined', retryable: false }]);
    await send(await jobOf());
    await expectWhole();
    expect(server.dropped).toBe(1);
  });

  it('sends again what the server lacks after all', async () => {
    const job = await jobOf();
    const sealing = job.completeManifest;
    const losing = {
      ...job,
      completeManifest: (digests: readonly Uint8Array[]) => {
        if (roots.length === 0) server.chunks.delete(4);
        return sealing(digests);
      },
    };
    await send(losing);
    await expectWhole();
    expect(roots).toHaveLength(2);
  });

  it('is done when the answer to its completion was lost', async () => {
    const first = await jobOf();
    const job = { ...first, seal: once(first.seal) };
    await send(job);
    server.asked.length = 0;
    await send(job);
    expect(server.asked).toEqual(['content:share']);
    expect(server.puts).toHaveLength(server.count);
  });

  it('fails for good when waiting does not help', async () => {
    const quota = { status: 507, code: 'quota_exceeded', retryable: false };
    server.faults.set('content:share', [quota]);
    await expect(send(await jobOf())).rejects.toMatchObject({ code: 'quota_exceeded' });
    expect(server.chunks.size).toBe(0);
  });

  it('compares what the server has of an equal file, and sends the rest', async () => {
    const first = await jobOf();
    const equal = { ...first, seal: once(first.seal) };
    await send(equal);
    const stored = server.digests();
    server.isComplete = false;
    server.offered.clear();
    for (const index of [0, 7, 17]) server.chunks.delete(index);
    const { sent } = await send(equal);
    await expectWhole();
    expect(server.digests()).toEqual(stored);
    expect([...server.offered.keys()].sort((one, other) => one - other)).toEqual([0, 7, 17]);
    expect(server.listed).toEqual([0]);
    expect(server.got).toEqual([]);
    expect(sent.at(0)).toBe(0);
    expect(sent.at(-1)).toBe(SIZE);
  });

  it('does not believe a server that has other bytes than it seals', async () => {
    const job = await jobOf();
    server.chunks.set(2, Buffer.from('forged'));
    await expect(send(job)).rejects.toMatchObject({ code: 'chunk_conflict' });
    expect(server.isComplete).toBe(false);
  });

  it('stops when it is told to', async () => {
    const control = new AbortController();
    const stopping = stoppingAtSix(await jobOf(), control);
    await expect(send(stopping, control.signal)).rejects.toMatchObject({ code: 'cancelled' });
    expect(server.isComplete).toBe(false);
  });

  it('says that the file was changed, and sends nothing further', async () => {
    const job = await jobOf(new Blob([new Uint8Array(SIZE - 1)]));
    const changed = { ...job, source: openSource(new Blob(['short']), job.layout) };
    await expect(send(changed)).rejects.toMatchObject({ code: 'file_changed' });
    expect(server.chunks.size).toBe(0);
  });
});

it('shares a small content again with the same bytes when the answer is lost', async () => {
  const busy = { status: 503, code: 'busy', retryable: true };
  server.faults.set('content:share', [busy]);
  const { share } = await jobOf(new Blob(['hello']));
  const waited = vi.fn();
  const inline = { ...share, chunk: 'AAAA' };
  await shareInline(inline, server, waited, new AbortController().signal);
  expect(server.isComplete).toBe(true);
  expect(server.asked).toEqual(['content:share', 'content:share']);
  expect(waited).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: 'busy' }));
});
