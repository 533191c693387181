import { afterEach, expect, it, vi } from 'vitest';

import { invitationUrl, readInvitation } from './invitation';
import { generatePassphrase } from './passphrase';

afterEach(() => {
  vi.unstubAllGlobals();
});

it('leads to the session, below any path, and carries everything in the fragment', async () => {
  vi.stubGlobal('document', { baseURI: 'https://host.example/share/index.html?x#old' });
  const passphrase = generatePassphrase();
  const url = new URL(await invitationUrl('garden', passphrase));
  expect(url.origin + url.pathname + url.search).toBe('https://host.example/share/');
  expect(await readInvitation(url.hash)).toMatchObject({ sessionName: 'garden', passphrase });
});

it('is told apart from other fragments and from links with a typo', async () => {
  vi.stubGlobal('document', { baseURI: 'https://host.example/' });
  const { hash } = new URL(await invitationUrl('garden', 'correct horse battery'));
  expect(await readInvitation('')).toBeNull();
  expect(await readInvitation('#top')).toBeNull();
  const typo = hash.slice(0, 8) + (hash[8] === 'A' ? 'B' : 'A') + hash.slice(9);
  for (const broken of [typo, hash.slice(0, -1), '#s=', '#s=%%%']) {
    await expect(readInvitation(broken)).rejects.toMatchObject({ code: 'link_broken' });
  }
  await expect(invitationUrl('', 'x')).rejects.toMatchObject({ code: 'name_refused' });
});
