import { describe, expect, it } from 'vitest';

import CASES from '../../../tests/names.json';
import { safeFileName, safePath } from './names';

describe('a file name', () => {
  it.each(CASES)('%j becomes %j', (name = '', safe = '') => {
    expect(safeFileName(name)).toBe(safe);
  });

  it.each(CASES)('%j as a path', (path = '', safe = '', inFolder = safe) => {
    expect(safePath(path).join('/')).toBe(inFolder);
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

  it('holds no half of a character', () => {
    expect(safeFileName('a\ud800b.txt')).toBe('a\ufffdb.txt');
  });

  it('has its mark before the ending, cut or not', () => {
    expect(safeFileName('a.tar.gz', ' (12)')).toBe('a.tar (12).gz');
    expect(safeFileName('a', ' (12)')).toBe('a (12)');
    const safe = safeFileName(`${'a'.repeat(255)}.txt`, ' (12)');
    expect(safe).toMatch(/^a+ \(12\)\.txt$/);
    expect(safe).toHaveLength(255);
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
