import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { Connection } from './connection';

/** How long the server lets a connection wait before it drops it. */
let heldMs: number;
let triesCount: number;
let server: Server;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  triesCount = 0;
  server = createServer((_, answer) => {
    answer.destroy();
  });
  server.on('upgrade', (_, socket) => {
    triesCount += 1;
    vi.advanceTimersByTime(heldMs);
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  vi.stubGlobal('document', { baseURI: `http://127.0.0.1:${String(address.port)}/` });
});
afterEach(() => {
  server.close();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

it.each([
  [20_000, 1],
  [1_300, 2],
])('of which each try takes %i ms is tried %i times for the first join', async (ms, count) => {
  heldMs = ms;
  const connection = new Connection({
    enter: () => Promise.reject(new Error('nobody comes that far')),
    onAnnounced: () => Promise.resolve(),
    onLink: () => undefined,
    isNeeded: () => false,
  });
  await expect(connection.start()).rejects.toMatchObject({ code: 'offline' });
  expect(triesCount).toBe(count);
});
