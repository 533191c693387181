import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { KeyPort } from '../crypto/port';
import { type Control, readAnswer } from '../protocol/control';
import type { Content as Row, Page, Requests } from '../protocol/generated';
import { listContents } from './contents';
import { type Draft, draftFile, draftText } from './drafting';
import { idOf } from './fixtures';
import { Listing } from './listing';
import { Opener } from './opening';
import { sealShare } from './sealing';
import { StateStore } from './state';
import { joinedKeys, rowOfShare } from './testing';

let keys: KeyPort;
beforeAll(async () => {
  keys = (await joinedKeys()).keys;
});
afterAll(() => {
  keys.close();
});

async function sealedShare(draft: Draft, lifetimeSeconds: number | null = null) {
  return sealShare(draft, keys, await keys.keeper.newContent(draft.contentId), lifetimeSeconds);
}

/** A sealed small text as the server would announce it. */
async function textRow(text: string, revision: number): Promise<Row> {
  return rowOfShare(await sealedShare(draftText(text, 'Ada')), revision);
}

function pageOf(through: number, values: Partial<Page>): Page {
  const defaults = { contents: [], removed: [], members: [], more: false, reset: false };
  return { revision: through, through, ...defaults, ...values };
}

/** A control plane that answers listings out of a list, and notes what was asked. */
class Listings implements Control {
  readonly asked: unknown[] = [];
  readonly #pages: Page[];

  constructor(...pages: Page[]) {
    this.#pages = pages;
  }

  readonly request = <Event extends keyof Requests>(
    event: Event,
    body: Requests[Event]['request'],
  ): Promise<Requests[Event]['reply']> => {
    this.asked.push(body);
    return Promise.resolve().then(() => readAnswer(event, { result: this.#pages.shift() }));
  };
}

function listingOf() {
  const state = new StateStore('garden', 'Ada');
  const gone: string[] = [];
  const listing = new Listing(state, new Opener(keys), (ids) => gone.push(...ids));
  const texts = () => listContents(state.model.contents).map((content) => content.text);
  return { state, listing, gone, texts };
}

function changed(content: Row) {
  return { event: 'content:changed', body: { revision: content.revision, content } } as const;
}

describe('announcements', () => {
  it('are taken in one by one without asking', async () => {
    const { listing, texts } = listingOf();
    const control = new Listings();
    await listing.hear(control, changed(await textRow('one', 1)));
    await listing.hear(control, changed(await textRow('two', 2)));
    expect(texts()).toEqual(['one', 'two']);
    expect(control.asked).toEqual([]);
  });

  it('after a gap are not believed: the listing is asked for, to its end', async () => {
    const { state, listing, texts } = listingOf();
    const rows = await Promise.all(
      ['one', 'two', 'three', 'four'].map((text, at) => textRow(text, at + 1)),
    );
    const [one, two, three, four] = rows;
    if (!one || !two || !three || !four) throw new Error('no rows');
    const control = new Listings(
      pageOf(3, { contents: [two, three], more: true }),
      pageOf(4, { contents: [four] }),
    );
    await listing.hear(control, changed(one));
    await listing.hear(control, changed(four));
    expect(texts()).toEqual(['one', 'two', 'three', 'four']);
    expect(control.asked).toEqual([{ since: 1 }, { since: 3 }]);
    await listing.hear(control, changed(four));
    expect(state.model.revision).toBe(4);
    expect(control.asked).toHaveLength(2);
  });

  it.each([0, 2, 3])('of a listing that leads from 3 to %i ask no further', async (through) => {
    const { listing } = listingOf();
    const again = Array.from({ length: 9 }, () => pageOf(through, { more: true }));
    const control = new Listings(pageOf(3, { more: true }), ...again);
    await expect(listing.catchUp(control)).rejects.toMatchObject({ code: 'bad_answer' });
    expect(control.asked).toHaveLength(2);
  });

  it('of removals tell who works with the content before it is gone', async () => {
    const { listing, gone, texts } = listingOf();
    const row = await textRow('one', 1);
    const body = { revision: 2, content_ids: [row.content_id], reason: 'removed' as const };
    await listing.hear(new Listings(), changed(row));
    await listing.hear(new Listings(), { event: 'content:removed', body });
    expect(gone).toEqual([row.content_id]);
    expect(texts()).toEqual([]);
    await expect(keys.keeper.openManifest(row.content_id, row.manifest)).rejects.toThrow();
  });

  it('of clearing name everything that was there', async () => {
    const { listing, gone, texts } = listingOf();
    const row = await textRow('one', 1);
    await listing.hear(new Listings(), changed(row));
    const body = { revision: 2, reason: 'cleared' } as const;
    await listing.hear(new Listings(), { event: 'contents:cleared', body });
    expect(gone).toEqual([row.content_id]);
    expect(texts()).toEqual([]);
  });
});

describe('pages', () => {
  it('with a reset replace what was known, and are not followed', async () => {
    const { listing, texts, state } = listingOf();
    await listing.hear(new Listings(), changed(await textRow('old', 1)));
    const page = pageOf(9, { contents: [await textRow('new', 9)], reset: true, more: true });
    const control = new Listings(page);
    await listing.catchUp(control);
    expect(texts()).toEqual(['new']);
    expect(control.asked).toEqual([{ since: 1 }]);
    expect(state.model.contents.hasOlder).toBe(true);
  });

  it('of older contents are asked for before the oldest, while there are some', async () => {
    const { listing, texts } = listingOf();
    const control = new Listings(pageOf(9, { contents: [await textRow('older', 3)] }));
    await listing.loadOlder(control);
    expect(control.asked).toEqual([]);
    const first = pageOf(9, { contents: [await textRow('newer', 7)], more: true });
    await listing.take(control, 'first', first);
    await listing.loadOlder(control);
    expect(control.asked).toEqual([{ before: 7 }]);
    expect(texts()).toEqual(['older', 'newer']);
    await listing.loadOlder(control);
    expect(control.asked).toHaveLength(1);
  });
});

describe('members', () => {
  const memberId = idOf(8);

  async function profileOf(name: string): Promise<{ memberId: string; sealed: string }> {
    const sealed = await keys.keeper.sealEvent({ t: 'profile', name }, true);
    const bytes = Buffer.from(sealed, 'base64url');
    return { memberId: bytes.subarray(4, 20).toString('hex'), sealed };
  }

  it('get the name of their kept profile, also when it is told later', async () => {
    const { state, listing } = listingOf();
    const first = await profileOf('Ada');
    const member = { member_id: first.memberId, joined_at: 1, events: [first.sealed] };
    const control = new Listings();
    await listing.hear(control, { event: 'member:joined', body: { revision: 1, member } });
    expect(state.model.members.map(({ name }) => name)).toEqual(['Ada']);
    const second = await profileOf('Ada L.');
    const say = (sealed: string) =>
      listing.hear(control, { event: 'event:sent', body: { member_id: first.memberId, sealed } });
    await say(second.sealed);
    expect(state.model.members[0]?.name).toBe('Ada L.');
    await say(first.sealed);
    expect(state.model.members[0]?.name).toBe('Ada L.');
  });

  it('are shown without marks that turn or hide their name', async () => {
    const { state, listing } = listingOf();
    const first = await profileOf('Eve \u202e(uoy)');
    const member = { member_id: first.memberId, joined_at: 1, events: [first.sealed] };
    const body = { revision: 1, member };
    await listing.hear(new Listings(), { event: 'member:joined', body });
    expect(state.model.members[0]?.name).toBe('Eve (uoy)');
  });

  it('do not get the name that another sealed', async () => {
    const { state, listing } = listingOf();
    const { sealed } = await profileOf('Mallory');
    const member = { member_id: memberId, joined_at: 1, events: [sealed, 'AAAA'] };
    await listing.hear(new Listings(), { event: 'member:joined', body: { revision: 1, member } });
    expect(state.model.members).toEqual([{ memberId, joinedAt: 1, name: null, self: false }]);
  });
});

describe('rows', () => {
  it('show what was shared', async () => {
    const file = new File([Uint8Array.of(0x47, 0x49, 0x46, 0x38, 0x39, 0x61)], 'a.txt');
    const share = await sealedShare(await draftFile(file, 'Bo'));
    const { opened } = await new Opener(keys).row(rowOfShare(share, 1));
    expect(opened).toMatchObject({
      manifestRevision: 1,
      text: null,
      manifest: { kind: 'picture', mime: 'image/gif', name: 'a.txt', size: 6, senderName: 'Bo' },
    });
  });

  it('of long texts carry neither chunk nor root before they are sent', async () => {
    const share = await sealedShare(draftText('x'.repeat(20_000), 'Bo'), 3600);
    expect(share.chunk).toBeUndefined();
    expect(share.lifetime_seconds).toBe(3600);
    const { opened } = await new Opener(keys).row(rowOfShare(share, 1));
    expect(opened).toMatchObject({ text: null, manifest: { root: null, size: 20_000 } });
  });

  it.each([
    ['content_box', 'content_damaged'],
    ['manifest', 'content_damaged'],
    ['chunk', 'chunk_foreign'],
  ] as const)('are shown as damaged when their %s was changed', async (name, code) => {
    const row = await textRow('hello', 1);
    const sealed = row[name] ?? '';
    const middle = Math.floor(sealed.length / 2);
    const other = sealed[middle] === 'A' ? 'B' : 'A';
    const changedText = `${sealed.slice(0, middle)}${other}${sealed.slice(middle + 1)}`;
    const { opened } = await new Opener(keys).row({ ...row, [name]: changedText });
    expect(opened).toMatchObject({ problem: { code } });
  });

  it('are shown as damaged with the parts of another content', async () => {
    const one = await textRow('one', 1);
    const other = await textRow('other', 2);
    for (const part of ['content_box', 'manifest', 'chunk'] as const) {
      const { opened } = await new Opener(keys).row({ ...one, [part]: other[part] });
      const code = part === 'chunk' ? 'chunk_foreign' : 'content_damaged';
      expect(opened).toMatchObject({ problem: { code } });
    }
  });
});
