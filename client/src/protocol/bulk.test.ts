import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { ContentServer } from '../transfer/testing';
import { getDigests } from './bulk';
import { LIMITS } from './generated';

const ACCESS = { token: 'token', signal: new AbortController().signal };
const PLACE = { sessionId: 'a'.repeat(32), contentId: 'b'.repeat(32) };

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('the digests of what is stored', () => {
  let server: ContentServer;
  beforeEach(async () => {
    server = new ContentServer(PLACE.sessionId);
    await server.start();
    vi.stubGlobal('document', { baseURI: server.base });
  });
  afterEach(() => {
    server.stop();
  });

  it('are asked for until there are no more', async () => {
    expect(await getDigests(PLACE, ACCESS)).toEqual(new Map());
    const [most, gap] = [LIMITS.DIGESTS_MAX, 7];
    for (let index = 0; index <= most; index += 1) {
      if (index !== gap) server.chunks.set(index + 1, Buffer.from(String(index)));
    }
    server.listed.length = 0;
    const digests = await getDigests(PLACE, ACCESS);
    expect(digests.size).toBe(most);
    expect([...digests.keys()]).toEqual([...server.chunks.keys()]);
    expect(server.listed).toEqual([0, most + 2]);
  });
});

it.each([
  ['are cut', Buffer.alloc(35)],
  ['do not ascend', Buffer.alloc(72)],
  ['are more than were asked for', Buffer.alloc((LIMITS.DIGESTS_MAX + 1) * 36)],
])('digests that %s are refused', async (_, body) => {
  const server = createServer((_request, response) => void response.end(body));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  vi.stubGlobal('document', { baseURI: `http://127.0.0.1:${String(port)}/` });
  await expect(getDigests(PLACE, ACCESS)).rejects.toMatchObject({ code: 'bad_answer' });
  server.close();
});
