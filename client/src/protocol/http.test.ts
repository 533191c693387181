import { createServer, type RequestListener, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';

import { decodeChunkStored } from './generated';
import { deadlineMs, jsonBy, send } from './http';
import { writeDigest } from './bulk';

let server: Server | null = null;

async function serve(listener: RequestListener): Promise<URL> {
  server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return new URL(`http://127.0.0.1:${String(address.port)}/`);
}

function answering(status: number, body: string, headers: Record<string, string> = {}) {
  return serve((_request, response) => {
    response.writeHead(status, headers).end(body);
  });
}

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  server?.closeAllConnections();
  server?.close();
  server = null;
});

function ask(url: URL, signal = new AbortController().signal) {
  return send(url, { bytes: 0, signal }, jsonBy(decodeChunkStored));
}

it('reads a JSON answer', async () => {
  const url = await answering(201, '{"stored_count": 2, "stored_bytes": 99}');
  await expect(ask(url)).resolves.toEqual({ stored_count: 2, stored_bytes: 99 });
});

it('throws the failure that the server names', async () => {
  const url = await answering(
    507,
    '{"error": {"code": "storage_full", "message": "Full.", "retryable": true}}',
  );
  await expect(ask(url)).rejects.toMatchObject({ code: 'storage_full', retryable: true });
});

it.each([
  [429, '<html>', { 'Retry-After': '9' }, 'throttled', 9],
  [502, 'Bad Gateway', {}, 'busy', null],
  [503, '', { 'Retry-After': 'soon' }, 'busy', null],
  [503, '', { 'Retry-After': '' }, 'busy', null],
  [503, '', { 'Retry-After': '-3' }, 'busy', null],
  [503, '', { 'Retry-After': 'Sun, 06 Nov 2039 08:50:07 GMT' }, 'busy', 30],
  [429, '', { 'Retry-After': 'Sun, 06 Nov 2039 08:49:07 GMT' }, 'throttled', 0],
  [404, '<html>', {}, 'bad_answer', null],
])('reads a status %i that a proxy answers', async (status, body, headers, code, seconds) => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2039, 10, 6, 8, 49, 37) });
  const url = await answering(status, body, headers);
  await expect(ask(url)).rejects.toMatchObject({ code, retryAfterSeconds: seconds });
});

it.each(['', 'null', '[]', '{"stored_count": -1}', '{"stored_count": 1}'])(
  'refuses the answer %j',
  async (body) => {
    const url = await answering(200, body);
    await expect(ask(url)).rejects.toMatchObject({ code: 'bad_answer' });
  },
);

it('follows no redirection', async () => {
  const url = await answering(302, '', { Location: '/elsewhere' });
  await expect(ask(url)).rejects.toMatchObject({ code: 'offline' });
});

it('says offline when nobody listens', async () => {
  const url = await answering(200, '');
  await new Promise((resolve) => server?.close(resolve));
  await expect(ask(url)).rejects.toMatchObject({ code: 'offline', retryable: true });
});

it('stops when it is told to, while it waits for the answer', async () => {
  const control = new AbortController();
  const url = await serve(() => {
    control.abort();
  });
  await expect(ask(url, control.signal)).rejects.toMatchObject({ code: 'cancelled' });
});

it('gives up an answer that does not come by its deadline', async () => {
  const deadline = new AbortController();
  const timeout = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(deadline.signal);
  const url = await serve(() => {
    deadline.abort();
  });
  await expect(ask(url)).rejects.toMatchObject({ code: 'timeout', retryable: true });
  expect(timeout).toHaveBeenCalledExactlyOnceWith(deadlineMs(0));
});

it('waits longer for larger bodies', () => {
  expect(deadlineMs(0)).toBe(30_000);
  expect(deadlineMs(4 * 1024 * 1024)).toBe(286_000);
});

it('writes a digest as RFC 3230 has it', () => {
  expect(writeDigest(new Uint8Array(32))).toBe(
    'sha-256=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=',
  );
});
