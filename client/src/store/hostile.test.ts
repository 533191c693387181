/**
 * A hostile server between browsers: some three thousand lies, each in one answer, and each
 * refused with the code of its kind before a byte came out that is not the sender's.
 * tests/property/test_hostile.py tells the others to the terminal's client.
 */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { type Bytes, concat, fromBase64url, randomBytes, u32 } from '../crypto/bytes';
import { ProblemError } from '../protocol/errors';
import { idOf, randomOf } from './fixtures';
import { Hostile, Member } from './testing-hostile';
import {
  bitsOf,
  changed,
  CHUNK_SIZE,
  cut,
  extend,
  type Film,
  flip,
  inText,
  isIn,
  type Lie,
  LIST,
  ofRow,
  range,
  said,
  SUITE_BITS,
} from './testing-lies';

const FILM_BYTES = 4 * CHUNK_SIZE;
const HELLO = 'session:hello';
const JOIN = 'session:join';

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

/** Tell each lie at a door that gives its refusal; gives how many there were. */
async function refuse(lies: readonly Lie[], door: () => Promise<string | null>): Promise<number> {
  const counts = new Map<string, number>();
  expect(await door()).toBeNull(); // as it is without any
  for (const lie of lies) {
    hostile.lie = lie;
    const code = await door();
    if (code !== lie.code) expect({ ...lie, told: code }).toEqual(lie);
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

it('lists what a member has sealed', async () => {
  const film = await member.share(idOf(1), 'file', randomBytes(FILM_BYTES));
  const damaged = 'content_damaged';
  const manifest = fromBase64url(film.row.manifest);
  const codeAt = (bit: number) => (isIn(bit, SUITE_BITS) ? 'update_needed' : damaged);
  const renumbered = (revision: number) => (bytes: Bytes) =>
    concat(bytes.subarray(0, 4), u32(revision), bytes.subarray(8));
  const lies = [
    ...range(0, 800, 3).map((bit) =>
      changed('content box, a bit', codeAt(bit), LIST, 'content_box', flip(bit)),
    ),
    ...range(0, manifest.byteLength).map((at) =>
      changed(
        'manifest, a bit',
        codeAt(8 * at + (at & 7)),
        LIST,
        'manifest',
        flip(8 * at + (at & 7)),
      ),
    ),
    ...range(36, manifest.byteLength, 8).map((size) =>
      changed('manifest, cut', damaged, LIST, 'manifest', cut(size)),
    ),
    ...range(1, 50).map((size) =>
      changed('manifest, extended', damaged, LIST, 'manifest', extend(size)),
    ),
    ...strangers.flatMap(({ row }) =>
      (['content_box', 'manifest'] as const).map((name) =>
        said('swapped', damaged, LIST, name, row[name]),
      ),
    ),
    said('rolled back', 'manifest_rolled_back', LIST, 'manifest', film.firstManifest),
    ...range(2, 34).map((revision) => {
      const to = inText(renumbered(revision))(film.firstManifest);
      return said('rolled back and renumbered', damaged, LIST, 'manifest', to);
    }),
  ].map((lie) => ofRow(film, lie));
  const told = await refuse(lies, async () => {
    await member.look(true);
    return member.problem(film.contentId);
  });
  expect(told).toBeGreaterThan(650);
});

it('shows the text that a member has sealed', async () => {
  const text = new Uint8Array(256).fill(33);
  const [note, other] = [await member.share(idOf(2), 'text', text), strangers[0]];
  const lies = [
    ...bitsOf(note, 0, randomOf(2)).map(([bit, code]) =>
      changed('text, a bit', code, LIST, 'chunk', flip(bit)),
    ),
    ...range(32, 288, 2).map((size) => changed('text, cut', 'chunk_cut', LIST, 'chunk', cut(size))),
    changed('text, of another', 'chunk_extended', LIST, 'chunk', () => other?.chunks[0] ?? text),
    changed('text, of another', 'chunk_misplaced', LIST, 'chunk', () => other?.chunks[3] ?? text),
    changed('text, of two attempts', 'content_mixed', LIST, 'chunk', () => note.again[0] ?? text),
  ].map((lie) => ofRow(note, lie));
  const told = await refuse(lies, async () => {
    await member.look(true);
    return member.problem(note.contentId);
  });
  expect(told).toBeGreaterThan(380);
});

it('reads what its sender has sent', async () => {
  const film = await member.share(idOf(1), 'file', randomBytes(FILM_BYTES));
  const random = randomOf(3);
  const lies = film.chunks.flatMap((_, index) => {
    const lie = (kind: string, code: string, chunk: (bytes: Bytes) => Bytes | null): Lie => {
      const answer = `chunk ${String(index)}`;
      return { kind: `chunk, ${kind}`, code, answer, tell: (honest) => honest, chunk };
    };
    const sizes = range(0, 40).map(() => Math.floor(random() * CHUNK_SIZE));
    const always = (bytes: Bytes | undefined) => () => bytes ?? null;
    return [
      ...bitsOf(film, index, random).map(([bit, code]) => lie('a bit', code, flip(bit))),
      ...[0, 1, 31, 32, ...sizes].map((size) => lie('cut', 'chunk_cut', cut(size))),
      ...[1, 32, ...sizes].map((size) => lie('extended', 'chunk_extended', extend(size + 1))),
      ...film.chunks
        .filter((__, place) => place !== index)
        .map((moved) => lie('of another place', 'chunk_misplaced', always(moved))),
      ...strangers.map(({ chunks }) =>
        lie('of another content or session', 'chunk_foreign', always(chunks[index])),
      ),
      lie('of two attempts', 'content_mixed', always(film.again[index])),
      lie('left out', 'content_damaged', always(undefined)),
    ];
  });
  await member.look(true);
  const told = await refuse(lies, async () => {
    let given = 0;
    const code = await codeOf(() =>
      member.read(film.contentId, (piece) => {
        expect(Buffer.compare(piece, film.plain.subarray(given, given + piece.byteLength))).toBe(0);
        given += piece.byteLength;
      }),
    );
    expect(given === FILM_BYTES).toBe(code === null);
    return code;
  });
  expect(told).toBeGreaterThan(1200);
});

it('takes no first description of a complete content for its last', async () => {
  const film = await member.share(idOf(1), 'file', randomBytes(FILM_BYTES));
  const lie = said('', 'manifest_rolled_back', LIST, 'manifest', film.firstManifest);
  hostile.lie = ofRow(film, lie);
  await member.look(false);
  const code = await codeOf(() => member.read(film.contentId, () => undefined));
  expect(code).toBe(lie.code);
});
