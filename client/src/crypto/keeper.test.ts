import { describe, expect, it } from 'vitest';

import { hex, randomBytes, utf8 } from './bytes';
import { CryptoError } from './errors';
import { makeSignature } from './fingerprint';
import { fromBase64url, base64url } from './bytes';
import { Keeper } from './keeper';
import type { Creation } from './terms';
import { generatePassphrase } from './passphrase';
import { makeLink, readLink } from './link';

const REALM = '0'.repeat(32);

async function joined(keeper: Keeper, creation: Creation, memberId: string): Promise<void> {
  const sessionId = await keeper.identify(REALM, 'garden');
  const nonces = { client: randomBytes(32), server: randomBytes(32) };
  const proof = await keeper.prove(base64url(nonces.client), base64url(nonces.server));
  const place = Uint8Array.from(sessionId.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  const key = fromBase64url(creation.serverKey);
  const sig = base64url(await makeSignature(key, place, nonces, fromBase64url(proof)));
  await keeper.enter({ sig, keyBox: creation.keyBox, memberId });
}

async function pair(): Promise<readonly [Keeper, Keeper, Creation]> {
  const [creator, guest] = [new Keeper(), new Keeper()];
  await creator.identify(REALM, 'garden');
  await guest.identify(REALM, ' garden ');
  const creation = await creator.create('correct horse battery');
  await guest.derive('correct horse battery', creation);
  await joined(creator, creation, 'a'.repeat(32));
  await joined(guest, creation, 'b'.repeat(32));
  return [creator, guest, creation];
}

describe('Keeper', () => {
  it('lets two who know the passphrase read what the other sealed', async () => {
    const [creator, guest] = await pair();
    const id = hex(randomBytes(16));
    const { contentBox } = await creator.newContent(id);
    const manifest = await creator.sealManifest(id, 1, { v: 1, name: 'tree.png' });
    const sealed = await creator.sealChunk(id, 0, true, 16384, utf8('leaf'));
    await guest.openContent(id, contentBox, id);
    expect(await guest.openManifest(id, manifest)).toEqual({
      revision: 1,
      manifest: { v: 1, name: 'tree.png' },
    });
    const opened = await guest.openChunk(id, 0, true, 16384, sealed.bytes);
    expect(hex(opened.bytes)).toBe(hex(utf8('leaf')));
    expect(hex(opened.digest)).toBe(hex(sealed.digest));
    const event = await creator.sealEvent({ t: 'profile', name: 'Zoë' }, true);
    const { event: read } = await guest.openEvent('a'.repeat(32), event);
    expect(read).toEqual({ t: 'profile', name: 'Zoë' });
    guest.forgetContent(id);
    await expect(guest.openManifest(id, manifest)).rejects.toThrow(RangeError);
  });

  it('opens what the browser keeps for the session and the purpose that it was sealed for', async () => {
    const [creator, guest] = await pair();
    const sealed = await creator.sealLocal('upload 1', utf8('{"name":"tree.png"}'));
    expect(new TextDecoder().decode(sealed)).not.toContain('tree');
    expect(hex(await guest.openLocal('upload 1', sealed))).toBe(hex(utf8('{"name":"tree.png"}')));
    expect(await guest.localPlace()).toBe(await creator.localPlace());
    await expect(guest.openLocal('upload 2', sealed)).rejects.toThrow(CryptoError);
    await expect(guest.openLocal('upload 1', sealed.subarray(0, 27))).rejects.toThrow(CryptoError);
    const [stranger] = await pair();
    await expect(stranger.openLocal('upload 1', sealed)).rejects.toThrow(CryptoError);
    expect(await stranger.localPlace()).not.toBe(await creator.localPlace());
  });

  it('opens chunks as those of the blob that the row names', async () => {
    const [creator, guest] = await pair();
    const [id, other] = [hex(randomBytes(16)), hex(randomBytes(16))];
    const { contentBox } = await creator.newContent(id);
    const { bytes } = await creator.sealChunk(id, 0, true, 16384, utf8('leaf'));
    await guest.openContent(id, contentBox, other);
    const refusal = new CryptoError('authentication');
    await expect(guest.openChunk(id, 0, true, 16384, bytes)).rejects.toThrow(refusal);
  });

  it('seals equal files of a session to equal chunks, and no other piece under their keys', async () => {
    const [creator, guest] = await pair();
    const ids = [hex(randomBytes(16)), hex(randomBytes(16))] as const;
    const pieces = [utf8('leaf'.repeat(4096)), utf8('end')] as const;
    const digests = await Promise.all(pieces.map((piece) => creator.digest(piece)));
    const size = 16_387;
    const one = await creator.newEqual(ids[0], 16_384, size, digests);
    const other = await guest.newEqual(ids[1], 16_384, size, digests);
    expect(other.blobId).toBe(one.blobId);
    expect(one.blobId).not.toBe(ids[0]);
    // What is announced meanwhile about a content that is being sent changes nothing.
    await creator.openContent(ids[0], one.contentBox, one.blobId);
    const sealed = await creator.sealChunk(ids[0], 1, true, 16_384, pieces[1]);
    const again = await guest.sealChunk(ids[1], 1, true, 16_384, pieces[1]);
    expect(hex(again.bytes)).toBe(hex(sealed.bytes));
    const refusal = new CryptoError('authentication');
    const changed = creator.sealChunk(ids[0], 1, true, 16_384, utf8('End'));
    await expect(changed).rejects.toThrow(refusal);
    const further = creator.sealChunk(ids[0], 2, true, 16_384, pieces[1]);
    await expect(further).rejects.toThrow(refusal);
    const unequal = await creator.newEqual(ids[1], 16_384, size + 1, digests);
    expect(unequal.blobId).not.toBe(one.blobId);
  });

  it('needs the passphrase again only on other terms', async () => {
    const [creator, , creation] = await pair();
    expect(creator.holds(creation)).toBe(true);
    expect(creator.holds({ ...creation, iterations: 700_000 })).toBe(false);
    expect(new Keeper().holds(creation)).toBe(false);
  });

  it('refuses a server without the row, a weak KDF and an unknown suite', async () => {
    const [creator, , creation] = await pair();
    const zero = base64url(new Uint8Array(32));
    await creator.prove(zero, zero);
    const entry = { sig: zero, keyBox: creation.keyBox, memberId: 'c'.repeat(32) };
    await expect(creator.enter(entry)).rejects.toThrow(new CryptoError('authentication'));
    const weak = { ...creation, iterations: 1000 };
    await expect(creator.derive('x', weak)).rejects.toThrow(new CryptoError('limit'));
    const newer = { ...creation, suite: 2 };
    await expect(creator.derive('x', newer)).rejects.toThrow(new CryptoError('suite'));
  });
});

describe('passphrases and links', () => {
  it('draws seven words', () => {
    expect(generatePassphrase()).toMatch(/^[a-z]{3,8}(-[a-z]{3,8}){6}$/);
    expect(generatePassphrase()).not.toBe(generatePassphrase());
  });

  it('refuses a link with a typo, and what is none', async () => {
    const text = await makeLink('garden', 'correct horse');
    expect(await readLink(text)).toEqual({ sessionName: 'garden', passphrase: 'correct horse' });
    const typo = `${text.slice(0, 8)}${text[8] === 'A' ? 'B' : 'A'}${text.slice(9)}`;
    await expect(readLink(typo)).rejects.toThrow(new CryptoError('authentication'));
    await expect(readLink('AQ')).rejects.toThrow(new CryptoError('format'));
    await expect(readLink('?')).rejects.toThrow(new CryptoError('format'));
    await expect(makeLink(' ', 'x')).rejects.toThrow(new CryptoError('limit'));
  });
});
