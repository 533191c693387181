/**
 * A hostile server between browsers: some seven thousand lies, each in one answer, and each
 * refused with the code of its kind before a byte came out that is not the sender's.
 * tests/property/test_hostile.py tells the others to the terminal's client.
 */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { randomBytes } from '../crypto/bytes';
import { ProblemError } from '../protocol/errors';
import { idOf, randomOf } from './fixtures';
import { Hostile } from './testing-hostile';
import { chunkLies, rowLies, SEEN_AT_THE_END, textLies } from './testing-content-lies';
import {
  changed,
  CHUNK_SIZE,
  type Film,
  flip,
  isIn,
  type Lie,
  LIST,
  ofRow,
  range,
  said,
  SUITE_BITS,
} from './testing-lies';
import { Member } from './testing-member';

const FILM_BYTES = 4 * CHUNK_SIZE;
/** What a wrong end is, where nobody knows yet how long it is. */
const STREAMED = ['chunk_foreign'];
const HELLO = 'session:hello';
const JOIN = 'session:join';

/** How a member learns of a content. */
const WAYS = [
  ['lists', (one: Member) => one.list()],
  ['hears of', (one: Member) => one.hear()],
] as const;

let hostile: Hostile;
let member: Member;
let strangers: readonly Film[];
let elsewhere: Hostile;
const opened: Member[] = [];

async function memberOf(server: Hostile): Promise<Member> {
  const one = await Member.of(server);
  opened.push(one);
  return one;
}

beforeEach(async () => {
  vi.stubGlobal('document', { baseURI: 'http://127.0.0.1:9/' });
  hostile = new Hostile();
  member = await memberOf(hostile);
  vi.stubGlobal('fetch', hostile.fetch);
  elsewhere = new Hostile();
  const other = await memberOf(elsewhere);
  strangers = [
    await member.share(idOf(8), 'file', randomBytes(FILM_BYTES)),
    await other.share(idOf(9), 'file', randomBytes(FILM_BYTES)),
  ];
});
afterEach(() => {
  for (const one of opened.splice(0)) one.close();
  vi.unstubAllGlobals();
});

/** The code with which `act` was refused; null when it was not. */
async function codeOf(act: () => Promise<unknown>): Promise<string | null> {
  try {
    await act();
    return null;
  } catch (thrown) {
    if (thrown instanceof ProblemError) return thrown.code;
    throw thrown;
  }
}

/** Read to the end or the refusal: nothing comes out but what was sent, and all of it or a code. */
async function readCode(film: Film): Promise<string | null> {
  let given = 0;
  const code = await codeOf(() =>
    member.read(film.contentId, (piece) => {
      expect(Buffer.compare(piece, film.plain.subarray(given, given + piece.byteLength))).toBe(0);
      given += piece.byteLength;
    }),
  );
  expect(given === FILM_BYTES).toBe(code === null);
  return code;
}

/**
 * Tell each lie at a door that gives its refusal, with its code or one of the `others`; gives how
 * many there were.
 */
async function refuse(
  lies: readonly Lie[],
  door: () => Promise<string | null>,
  others: readonly (string | null)[] = [],
): Promise<number> {
  const counts = new Map<string, number>();
  expect(await door()).toBeNull(); // as it is without any
  for (const lie of lies) {
    hostile.lie = lie;
    const code = await door();
    if (code !== lie.code && !others.includes(code)) expect({ ...lie, told: code }).toEqual(lie);
    counts.set(lie.kind, (counts.get(lie.kind) ?? 0) + 1);
  }
  hostile.lie = null;
  expect(await door()).toBeNull(); // nothing of them has stayed
  for (const [kind, count] of counts) console.info(`${String(count).padStart(6)} ${kind}`);
  return lies.length;
}

it('derives no key on weaker terms', async () => {
  const random = randomOf(1);
  const weak = [-1, 0, 1, 599_999, 10_000_001, 2 ** 32];
  for (let left = 250; left > 0; left -= 1) weak.push(Math.floor(random() * 599_999));
  const lies = [
    ...weak.map((count) => said('weaker KDF', 'iterations_refused', HELLO, 'iterations', count)),
    ...[0, ...range(2, 256)].map((suite) =>
      said('other suite', 'update_needed', HELLO, 'suite', suite),
    ),
    ...['suite', 'salt', 'iterations', 'fingerprint_iv'].flatMap((name) =>
      [null, '!', true, 1.5, []].map((to) => said('no terms', 'bad_answer', HELLO, name, to)),
    ),
  ];
  const told = await refuse(lies, () =>
    codeOf(() => member.enter(hostile.lie === null ? undefined : member.newcomer())),
  );
  expect(told).toBeGreaterThan(500);
});

it('comes back to the same server alone', async () => {
  const forged = 'server_forged';
  const replayed = [hostile, elsewhere].map(({ answers }) => answers.get(JOIN) ?? {});
  const lies = [
    ...range(0, 128).map((bit) =>
      changed('other salt', 'passphrase_changed', HELLO, 'salt', flip(bit)),
    ),
    ...range(0, 256).map((bit) => changed('signature, a bit', forged, JOIN, 'sig', flip(bit))),
    ...range(0, 256).map((bit) =>
      changed('server nonce, a bit', forged, HELLO, 'server_nonce', flip(bit)),
    ),
    ...range(0, 800).map((bit) => {
      const code = isIn(bit, SUITE_BITS) ? 'update_needed' : forged;
      return changed('key box, a bit', code, JOIN, 'key_box', flip(bit));
    }),
    ...replayed.map((answer) => said('join, replayed', forged, JOIN, 'sig', answer['sig'])),
    said('join, replayed', forged, JOIN, 'key_box', replayed[1]?.['key_box']),
  ];
  expect(await refuse(lies, () => codeOf(() => member.enter()))).toBeGreaterThan(1400);
});

it.each(WAYS)('%s what a member has sealed', async (_, learn) => {
  const film = await member.share(idOf(1), 'file', randomBytes(FILM_BYTES));
  const told = await refuse(rowLies(film, strangers), async () => {
    await member.look(true);
    await learn(member);
    return member.problem(film.contentId);
  });
  expect(told).toBeGreaterThan(650);
});

it.each(WAYS)('%s the text that a member has sealed', async (_, learn) => {
  const text = new Uint8Array(256).fill(33);
  const note = await member.share(idOf(2), 'text', text);
  const told = await refuse(textLies(note, strangers[0], randomOf(2)), async () => {
    await member.look(true);
    await learn(member);
    return member.problem(note.contentId);
  });
  expect(told).toBeGreaterThan(380);
});

it('reads what its sender has sent', async () => {
  const film = await member.share(idOf(1), 'file', randomBytes(FILM_BYTES));
  await member.look(true);
  const told = await refuse(chunkLies(film, strangers, randomOf(3)), () => readCode(film));
  expect(told).toBeGreaterThan(1200);
});

it('reads what its sender has sent so far, of a stream that nobody knows the end of', async () => {
  const film = await member.share(idOf(1), 'file', randomBytes(FILM_BYTES));
  const sent = { ...film.row, revision: 0, manifest: film.streamed, state: 'uploading' };
  const lies = chunkLies(film, strangers, randomOf(4)).filter(
    ({ kind }) => !SEEN_AT_THE_END.includes(kind),
  );
  const told = await refuse(
    lies,
    async () => {
      hostile.rows.set(film.contentId, sent);
      await member.look(true);
      const reading = readCode(film);
      if (hostile.lie !== null) return reading; // refused before the end is heard of
      hostile.rows.set(film.contentId, film.row);
      await member.hear();
      return reading;
    },
    STREAMED,
  );
  expect(told).toBeGreaterThan(1200);
});

it('takes no first description of a complete content for its last', async () => {
  const film = await member.share(idOf(1), 'file', randomBytes(FILM_BYTES));
  const lie = said('', 'manifest_rolled_back', LIST, 'manifest', film.firstManifest);
  hostile.lie = ofRow(film, lie);
  await member.look(false);
  await member.list();
  const code = await codeOf(() => member.read(film.contentId, () => undefined));
  expect(code).toBe(lie.code);
});
