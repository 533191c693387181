import { describe, expect, it } from 'vitest';

import { listContents } from './contents';
import { idOf, openedOf, pageOf, randomOf } from './fixtures';
import {
  type Change,
  emptySession,
  isSending,
  judge,
  reduce,
  type SessionModel,
  viewOf,
} from './session';

const EMPTY = emptySession('garden', 'Ada');

function arrival(number: number, name: string | null = null) {
  return { memberId: idOf(number), joinedAt: number, name };
}

function row(revision: number, number: number): Change {
  return { kind: 'revised', revision, change: { kind: 'row', row: openedOf(number, revision) } };
}

function removal(revision: number, number: number): Change {
  return {
    kind: 'revised',
    revision,
    change: { kind: 'removed', contentIds: [idOf(number)], reason: 'removed' },
  };
}

function all(model: SessionModel, changes: readonly Change[]): SessionModel {
  return changes.reduce(reduce, model);
}

function namesOf(model: SessionModel): readonly string[] {
  return listContents(model.contents).map((content) => content.name);
}

describe('revisions', () => {
  it.each([
    [4, 5, 'next'],
    [4, 4, 'seen'],
    [4, 1, 'seen'],
    [4, 6, 'gap'],
    [0, 1, 'next'],
  ])('known %i, announced %i is %s', (known, announced, verdict) => {
    expect(judge(known, announced)).toBe(verdict);
  });

  it('change nothing when one is skipped or comes again', () => {
    const model = all(EMPTY, [row(1, 1), row(2, 2)]);
    expect(reduce(model, row(4, 3))).toBe(model);
    expect(reduce(model, row(2, 9))).toBe(model);
    expect(namesOf(model)).toEqual(['1@1', '2@2']);
  });

  it('lead every client to the same state, whatever it missed', () => {
    const random = randomOf(3);
    const history: Change[] = [];
    const rows = new Map<number, number>();
    const removed = new Map<number, number>();
    for (let revision = 1; revision <= 60; revision += 1) {
      const number = Math.floor(random() * 10);
      if (random() < 0.3 && rows.has(number)) {
        rows.delete(number);
        removed.set(number, revision);
        history.push(removal(revision, number));
      } else {
        const fresh = removed.has(number) ? number + 100 * revision : number;
        rows.set(fresh, revision);
        history.push(row(revision, fresh));
      }
    }
    const whole = namesOf(all(EMPTY, history));
    expect(whole).not.toEqual([]);
    // The page that a server of this history answers to `since`.
    const pageAfter = (since: number): Change => ({
      kind: 'page',
      page: pageOf('since', {
        through: 60,
        rows: [...rows].filter(([, at]) => at > since).map(([one, at]) => openedOf(one, at)),
        removed: [...removed].filter(([, at]) => at > since).map(([one]) => idOf(one)),
      }),
    });
    for (let round = 0; round < 100; round += 1) {
      const loss = random() * 0.5;
      const seen = history.filter(() => random() >= loss);
      const model = all(EMPTY, seen);
      expect(namesOf(reduce(model, pageAfter(model.revision)))).toEqual(whole);
    }
  });
});

describe('a page', () => {
  it('sets the revision from which announcements go on', () => {
    const page = pageOf('first', { through: 7, rows: [openedOf(3, 7)], more: true });
    const model = reduce(EMPTY, { kind: 'page', page });
    expect(model.revision).toBe(7);
    expect(viewOf(model).hasOlder).toBe(true);
    expect(namesOf(reduce(model, row(8, 4)))).toEqual(['3@7', '4@8']);
  });

  it('of older contents leaves the revision alone', () => {
    const first = pageOf('first', { through: 7, rows: [openedOf(3, 7)], more: true });
    const older = pageOf({ before: 3 }, { through: 9, rows: [openedOf(1, 2)], more: false });
    const model = all(EMPTY, [
      { kind: 'page', page: first },
      { kind: 'page', page: older },
    ]);
    expect(model.revision).toBe(7);
    expect(viewOf(model)).toMatchObject({ hasOlder: false });
    expect(namesOf(model)).toEqual(['1@2', '3@7']);
  });

  it('with what changed never takes the revision back, a reset does', () => {
    const model = all(EMPTY, [row(1, 1), row(2, 2), row(3, 3)]);
    const late = reduce(model, { kind: 'page', page: pageOf('since', { through: 2 }) });
    expect(late.revision).toBe(3);
    const page = pageOf('since', { through: 2, reset: true, rows: [openedOf(8, 2)] });
    const reset = reduce(model, { kind: 'page', page });
    expect(reset.revision).toBe(2);
    expect(namesOf(reset)).toEqual(['8@2']);
  });

  it('that comes late does not bring removed contents back', () => {
    const model = all(EMPTY, [row(1, 1), removal(2, 1)]);
    const page = pageOf('since', { rows: [openedOf(1, 1)] });
    expect(namesOf(reduce(model, { kind: 'page', page }))).toEqual([]);
  });

  it('of older contents that comes after all was cleared brings nothing back', () => {
    const first = pageOf('first', { through: 7, rows: [openedOf(3, 7)], more: true });
    const listed = reduce(EMPTY, { kind: 'page', page: first });
    const older = pageOf({ before: 3 }, { through: 7, rows: [openedOf(1, 2)], more: true });
    expect(namesOf(reduce(listed, { kind: 'page', page: older }))).toEqual(['1@2', '3@7']);
    const cleared = reduce(listed, { kind: 'revised', revision: 8, change: { kind: 'cleared' } });
    const late = reduce(cleared, { kind: 'page', page: older });
    expect(namesOf(late)).toEqual([]);
    expect(viewOf(late).hasOlder).toBe(false);
  });

  it('of older contents that was asked for before a reset is not taken for the new listing', () => {
    const first = pageOf('first', { through: 7, rows: [openedOf(3, 7)], more: true });
    const listed = reduce(EMPTY, { kind: 'page', page: first });
    const anew = pageOf('since', { through: 9, reset: true, rows: [openedOf(8, 9)] });
    const older = pageOf({ before: 3 }, { through: 7, rows: [openedOf(1, 2)], more: true });
    const late = all(listed, [
      { kind: 'page', page: anew },
      { kind: 'page', page: older },
    ]);
    expect(namesOf(late)).toEqual(['8@9']);
  });

  it('without members says nothing about them', () => {
    const here = pageOf('first', { members: [arrival(1, 'Ada'), arrival(2)] });
    const model = reduce({ ...EMPTY, selfId: idOf(1) }, { kind: 'page', page: here });
    const later = reduce(model, { kind: 'page', page: pageOf('since', {}) });
    expect(later.members).toBe(model.members);
    expect(model.members.map((member) => [member.name, member.self])).toEqual([
      ['Ada', true],
      [null, false],
    ]);
  });
});

it('is sending while a content of this member is neither complete nor failed', () => {
  const row = openedOf(1, 1, { state: 'uploading' });
  const others = reduce(EMPTY, { kind: 'page', page: pageOf('first', { rows: [row] }) });
  expect(isSending(viewOf(others))).toBe(false);
  const [content] = listContents(others.contents);
  if (content === undefined) throw new Error('no content');
  const draft = { ...content, contentId: idOf(2), mine: true, revision: 0 };
  const mine = reduce(others, { kind: 'drafts', drafts: [draft] });
  expect(isSending(viewOf(mine))).toBe(true);
  const problem = { code: 'file_changed', message: '', retryable: false };
  const activity = { kind: 'failed', problem } as const;
  const failed = reduce(mine, { kind: 'activity', contentId: idOf(2), activity });
  expect(isSending(viewOf(failed))).toBe(false);
});

describe('members', () => {
  const came = (revision: number, number: number, name: string | null = null): Change => ({
    kind: 'revised',
    revision,
    change: { kind: 'came', member: arrival(number, name) },
  });

  it('come, get their name, and go', () => {
    const here = all(EMPTY, [came(1, 2), came(2, 1)]);
    expect(here.members.map((member) => member.memberId)).toEqual([idOf(1), idOf(2)]);
    const named = reduce(here, { kind: 'named', memberId: idOf(2), name: 'Bo' });
    expect(named.members[1]?.name).toBe('Bo');
    const left: Change = {
      kind: 'revised',
      revision: 3,
      change: { kind: 'left', memberId: idOf(2) },
    };
    expect(reduce(named, left).members).toHaveLength(1);
  });

  it('are there once, and keep the name that came before their arrival was told again', () => {
    const named = all(EMPTY, [came(1, 1), { kind: 'named', memberId: idOf(1), name: 'Bo' }]);
    const again = reduce(named, came(2, 1));
    expect(again.members).toHaveLength(1);
    expect(again.members[0]?.name).toBe('Bo');
  });

  it('that are gone get no name', () => {
    const model = reduce(EMPTY, { kind: 'named', memberId: idOf(1), name: 'Bo' });
    expect(model.members).toEqual([]);
  });
});

it('shows what moves as waiting while there is no connection', () => {
  const row = openedOf(1, 1);
  const listed = reduce(EMPTY, { kind: 'page', page: pageOf('first', { rows: [row] }) });
  const progress = { doneBytes: 5, totalBytes: 9, bytesPerSecond: 3, secondsLeft: 2 };
  const saving: Change = {
    kind: 'activity',
    contentId: idOf(1),
    activity: { kind: 'saving', progress },
  };
  const online = all(listed, [{ kind: 'link', link: { state: 'online' } }, saving]);
  expect(viewOf(online).contents).toMatchObject([{ activity: { kind: 'saving', progress } }]);
  const lost = all(online, [{ kind: 'link', link: { state: 'connecting' } }, saving]);
  const waiting = { kind: 'waiting', progress, problem: null };
  expect(viewOf(lost).contents).toMatchObject([{ activity: waiting }]);
});
