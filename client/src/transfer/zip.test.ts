import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it, vi } from 'vitest';

import PATHS from '../../../tests/paths.json';
import { type ZipEntry, zipNames, zipOf } from './zip';

type Bytes = Uint8Array<ArrayBuffer>;

function entryOf(name: string, values: Partial<ZipEntry> = {}): ZipEntry {
  const createdAt = new Date(2026, 3, 5, 6, 7, 8).getTime();
  return { contentId: 'ab'.repeat(16), name, path: null, size: 0, createdAt, ...values };
}

async function* piecesOf(...pieces: readonly Bytes[]): AsyncGenerator<Bytes> {
  for (const piece of pieces) yield Promise.resolve(piece);
}

/** What Python's zipfile finds in a zip file: every check sum is compared. */
function readByPython(zip: Buffer): unknown {
  const folder = mkdtempSync(join(tmpdir(), 'zip-'));
  const file = join(folder, 'a.zip');
  writeFileSync(file, zip);
  const program = `
import json, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as found:
    print(json.dumps([[one.filename, list(one.date_time), found.read(one).hex()]
                      for one in found.infolist()]))`;
  try {
    return JSON.parse(execFileSync('python3', ['-c', program, file], { encoding: 'utf-8' }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('the names in a zip file', () => {
  it('are safe, keep their folders, and take the name that the file has by now', () => {
    const entries = [
      entryOf('b.txt', { path: 'photos/old.txt' }),
      entryOf('passwd', { path: '../../etc/passwd' }),
      entryOf('../.bashrc', { path: 'C:\\photos\\../nul/x' }),
      entryOf('alone.txt'),
    ];
    expect(zipNames(entries)).toEqual([
      'photos/b.txt',
      'etc/passwd',
      'C_/photos/_nul/bashrc',
      'alone.txt',
    ]);
  });

  it.each(PATHS.zips)('%#: are different, also where case does not count', (...contents) => {
    const entries = contents.map(({ id, name, path }) => entryOf(name, { contentId: id, path }));
    expect(zipNames(entries)).toEqual(contents.map(({ given }) => given));
  });
});

it('is what other programs read, of the size that was planned, though pieces are given away', async () => {
  const large = Uint8Array.from({ length: 300_000 }, (_, index) => (index * 31) >> 3);
  const contents = new Map([
    ['größe 🌻.bin', [large.slice(0, 200_000), large.slice(200_000)]],
    ['empty', []],
    ['a.txt', [Uint8Array.of(97)]],
  ]);
  const entries = [...contents].map(([name, pieces], at) =>
    entryOf(name, {
      path: `photos/sub/${name}`,
      size: pieces.reduce((size, piece) => size + piece.byteLength, 0),
      ...(at === 2 ? { createdAt: 0 } : {}),
    }),
  );
  const zip = await zipOf(entries);
  const found: Buffer[] = [];
  for await (const piece of zip.pieces(({ name }) => piecesOf(...(contents.get(name) ?? [])))) {
    found.push(Buffer.from(structuredClone(piece, { transfer: [piece.buffer] })));
  }
  const whole = Buffer.concat(found);
  expect(whole.byteLength).toBe(zip.size);
  const moment = [2026, 4, 5, 6, 7, 8];
  expect(readByPython(whole)).toEqual([
    ['photos/sub/größe 🌻.bin', moment, Buffer.from(large).toString('hex')],
    ['photos/sub/empty', moment, ''],
    ['photos/sub/a.txt', [1980, 1, 1, 0, 0, 0], '61'],
  ]);
});

it('asks for a content when it is its turn, and ends with what that throws', async () => {
  const asked: string[] = [];
  const zip = await zipOf([entryOf('a', { size: 1 }), entryOf('b', { size: 1 }), entryOf('c')]);
  const pieces = zip.pieces(async function* ({ name }) {
    asked.push(name);
    await Promise.resolve();
    if (name === 'b') throw new Error('damaged');
    yield Uint8Array.of(1);
  });
  const reading = (async () => {
    for await (const piece of pieces) expect(piece.byteLength).toBeGreaterThan(0);
  })();
  await expect(reading).rejects.toThrow('damaged');
  expect(asked).toEqual(['a', 'b']);
});

it('lets go of the content that is read when nobody wants more', async () => {
  const zip = await zipOf([entryOf('a', { size: 9 })]);
  let isLetGo = false;
  const pieces = zip.pieces(async function* () {
    try {
      for (;;) yield await Promise.resolve(Uint8Array.of(7));
    } finally {
      isLetGo = true;
    }
  });
  for await (const piece of pieces) if (piece[0] === 7) break;
  await vi.waitFor(() => {
    expect(isLetGo).toBe(true);
  });
});

it('plans more than 4 GiB as zip64, and refuses more files than its writer counts', async () => {
  const huge = entryOf('a.iso', { size: 5 * 1024 ** 3 });
  const small = await zipOf([entryOf('a.iso')]);
  const zip = await zipOf([huge]);
  // 8 + 8 more in the descriptor, 28 in the directory, 56 + 20 at the end.
  expect(zip.size - small.size - huge.size).toBe(8 + 28 + 76);
  const many = Array.from({ length: 65_535 }, (_, index) => entryOf(String(index)));
  await expect(zipOf(many)).rejects.toMatchObject({ code: 'zip_too_many' });
});
