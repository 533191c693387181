import { describe, expect, it } from 'vitest';

import PATHS from '../../../tests/paths.json';
import { DecodeError } from '../protocol/decode';
import { manifestJson } from './fixtures';
import { isPathShort, readManifest, writeManifest } from './manifest';

const ROOT = '0'.repeat(64);
const GROUP = { id: 'f'.repeat(32), name: 'photos', count: 2 };

describe('a manifest', () => {
  it('keeps members that are unknown', () => {
    const manifest = readManifest({ ...manifestJson('a'), colour: 'red' });
    expect(manifest.members).toMatchObject({ colour: 'red', name: 'a' });
    expect(manifest.root).toBeNull();
  });

  it('of a stream has no length before its end', () => {
    const stream = { ...manifestJson('a'), size: undefined, chunks: undefined };
    expect(readManifest(stream)).toMatchObject({ size: null, chunkCount: null });
    expect(() => readManifest({ ...stream, root: ROOT })).toThrow(DecodeError);
  });

  it.each([
    ['Eve \u202e(uoy)', 'Eve (uoy)'],
    ['a\nb\u0000', 'ab'],
    ['\u202e'.repeat(255), null],
    [' \u3164\u2800', null],
    ['', null],
  ])('shows the name %j as %j', (name, shown) => {
    const manifest = readManifest({ ...manifestJson(name), sender: name });
    expect(manifest.name).toBe(shown ?? 'content');
    expect(manifest.senderName).toBe(shown ?? '?');
    expect(manifest.members).toMatchObject({ name, sender: name });
  });

  it('of the last moment of the year 9999 can be written as a date', () => {
    const { createdAt } = readManifest({ ...manifestJson('a'), created: 253_402_300_799_999 });
    expect(new Date(createdAt).toISOString()).toBe('9999-12-31T23:59:59.999Z');
  });

  it.each([
    ['v', 2],
    ['kind', 'folder'],
    ['name', 4],
    ['created', -1],
    ['created', 253_402_300_800_000],
    ['created', 9_000_000_000_000_000],
    ['size', -1],
    ['size', 1_048_577],
    ['chunk_size', 0],
    ['chunk_size', 16_383],
    ['chunk_size', 1_000_000],
    ['chunk_size', 8_388_608],
    ['chunks', 0],
    ['chunks', 2 ** 20 + 1],
    ['root', 'abc'],
    ['path', 5],
    ['path', 'a'.repeat(1025)],
    ['group', 'photos'],
    ['group', { id: GROUP.id, name: 'photos' }],
    ['group', { ...GROUP, id: 'F'.repeat(32) }],
    ['group', { ...GROUP, count: 0 }],
    ['group', { ...GROUP, name: 'a'.repeat(1025) }],
  ])('is refused for its %s %j', (name, value) => {
    expect(() => readManifest({ ...manifestJson('a'), [name]: value })).toThrow(DecodeError);
  });

  it.each(PATHS.short)('is read with the path %j', (path) => {
    expect(readManifest({ ...manifestJson('a'), path, group: GROUP }).folder?.path).toBe(path);
    expect(isPathShort(path)).toBe(true);
  });

  it.each(PATHS.long)('is refused for the many names of %j', (path) => {
    const read = () => readManifest({ ...manifestJson('a'), path, group: GROUP });
    expect(read).toThrow(DecodeError);
    expect(isPathShort(path)).toBe(false);
  });

  it('has what is shown of its path made once, however often it is listed', () => {
    const path = 'photos/\u202eb/c/old.jpg';
    const { folder } = readManifest({ ...manifestJson('a'), path, group: GROUP });
    expect(folder?.shown).toBe('b/c/');
  });

  it('is read as it was written', () => {
    const content = {
      kind: 'picture' as const,
      name: 'a.png',
      mime: 'image/png',
      size: 5,
      chunkSize: 16_384,
      chunkCount: 1,
      createdAt: 77,
      senderName: 'Ada',
      thumb: null,
      folder: { path: 'photos/a.png', group: GROUP },
    };
    expect(readManifest(writeManifest(content))).toMatchObject({ ...content, root: null });
    expect(readManifest(writeManifest(content, ROOT))).toMatchObject({ ...content, root: ROOT });
    const alone = writeManifest({ ...content, folder: null });
    expect(alone).not.toHaveProperty('path');
    expect(readManifest(alone).folder).toBeNull();
  });

  it('of a folder has a path, were it its name alone, and a folder that can be shown', () => {
    const inFolder = { ...manifestJson('a'), group: { ...GROUP, name: '\u202e' } };
    const group = { ...GROUP, name: 'folder' };
    expect(readManifest(inFolder).folder).toEqual({ path: 'a', group, shown: '' });
    const path = '🌻'.repeat(1024);
    expect(readManifest({ ...inFolder, path }).folder).toEqual({ path, group, shown: '' });
    expect(readManifest({ ...manifestJson('a'), path }).folder).toBeNull();
  });
});
