import { describe, expect, it } from 'vitest';

import { safeFileName } from './names';

describe('a file name', () => {
  it.each(['notes.txt', 'Über uns.pdf', '写真.png', 'a b (1).tar.gz', 'console.log', 'com10.txt'])(
    'stays %j',
    (name) => {
      expect(safeFileName(name)).toBe(name);
    },
  );

  it.each([
    ['../../etc/passwd', '_.._etc_passwd'],
    ['C:\\Windows\\a.exe', 'C__Windows_a.exe'],
    ['.bashrc', 'bashrc'],
    ['...', 'content'],
    ['', 'content'],
    [' \t ', 'content'],
    ['a\u0000b\nc\u0085d\u007f', 'abcd'],
    ['photo\u202egpj.exe', 'photogpj.exe'],
    ['\u2066a\u2069\u200f\ufeff.txt', 'a.txt'],
    ['a\u2044b\uff0fc', 'a_b_c'],
    ['nul', '_nul'],
    ['CON.txt', '_CON.txt'],
    ['Com1 .txt', '_Com1 .txt'],
    ['lpt\u00b9.log', '_lpt\u00b9.log'],
    ['name. . ', 'name'],
    ['a:b*c?"<>|', 'a_b_c_____'],
    ['e\u0301.txt', '\u00e9.txt'],
    ['a\ud800b.txt', 'a\ufffdb.txt'],
  ])('%j becomes %j', (name, safe) => {
    expect(safeFileName(name)).toBe(safe);
  });

  it.each([
    `${'a'.repeat(400)}.tar`,
    `${'語'.repeat(200)}.txt`,
    '😀'.repeat(100),
    `x.${'y'.repeat(300)}`,
  ])('is at most 255 bytes of whole characters: %j', (name) => {
    const safe = safeFileName(name);
    expect(new TextEncoder().encode(safe).byteLength).toBeLessThanOrEqual(255);
    expect(new TextEncoder().encode(safe).byteLength).toBeGreaterThan(245);
    expect(safe).not.toContain('\ufffd');
  });

  it('keeps its ending when it is cut', () => {
    expect(safeFileName(`${'語'.repeat(200)}.txt`)).toMatch(/^語+\.txt$/);
  });

  it('is safe already when it was made safe', () => {
    for (const name of ['..a', 'nul', 'a/b', `${'a'.repeat(300)}.txt`, '. .con', 'aux.']) {
      const safe = safeFileName(name);
      expect(safeFileName(safe)).toBe(safe);
    }
  });
});
