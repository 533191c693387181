import { expect, it } from 'vitest';

import { chunkUrl, configUrl, socketUrl } from './address';

const PLACE = { sessionId: 'a1', contentId: 'b2', index: 7 };

it.each([
  ['https://host.example/', 'https://host.example/'],
  ['https://host.example/index.html#s=secret', 'https://host.example/'],
  ['https://host.example/share/', 'https://host.example/share/'],
  ['https://host.example/share/index.html?x=1', 'https://host.example/share/'],
])('addresses of a page at %s are below %s', (base, root) => {
  expect(configUrl(base).href).toBe(`${root}api/v1/config`);
  expect(socketUrl(base).href).toBe(`${root}socket.io`);
  expect(chunkUrl(base, PLACE).href).toBe(`${root}api/v1/sessions/a1/contents/b2/chunks/7`);
});
