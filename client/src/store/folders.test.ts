import { describe, expect, it } from 'vitest';

import { contentOf } from '../ui/testing-session';
import { entriesOf, isSent, pathIn, tallyOf } from './folders';
import { inFolder } from './grouping';
import type { Content, Progress } from './model';

const GROUP = { id: 'f'.repeat(32), name: 'photos', count: 4 };
const PROGRESS: Progress = { doneBytes: 30, totalBytes: 100, bytesPerSecond: 9, secondsLeft: 1 };

function fileAt(position: number, path: string, values: Partial<Content> = {}): Content {
  const name = path.split('/').at(-1) ?? '';
  const folder = inFolder({ path, group: GROUP });
  return contentOf({
    contentId: path,
    position,
    kind: 'file',
    name,
    folder,
    size: 100,
    storedBytes: 0,
    ...values,
  });
}

function folderIn(contents: readonly Content[]) {
  const [entry] = entriesOf({ contents, unreadable: [] });
  if (entry?.kind !== 'folder') throw new Error('no folder');
  return entry.of;
}

describe('the list', () => {
  it('has a folder as one, where its first content is, its files by their paths', () => {
    const contents = [
      fileAt(2, 'photos/b/c.jpg'),
      contentOf({ contentId: 'text', position: 3 }),
      fileAt(4, 'photos/a.jpg'),
      fileAt(5, 'photos/b.jpg'),
    ];
    const problem = { code: 'content_damaged', message: '', retryable: false };
    const unreadable = [{ contentId: 'bad', position: 1, revision: 1, problem }];
    const entries = entriesOf({ contents, unreadable });
    expect(entries.map(({ kind }) => kind)).toEqual(['unreadable', 'folder', 'content']);
    const { group, first, contents: files } = folderIn(contents);
    expect(group).toBe(GROUP);
    expect(first.position).toBe(2);
    expect(files.map(pathIn)).toEqual(['a.jpg', 'b.jpg', 'b/c.jpg']);
  });

  it('keeps groups of other ids apart, be their names equal', () => {
    const other = inFolder({ path: 'photos/a.jpg', group: { ...GROUP, id: '0'.repeat(32) } });
    const contents = [fileAt(1, 'photos/a.jpg'), fileAt(2, 'photos/a.jpg', { folder: other })];
    expect(entriesOf({ contents, unreadable: [] })).toHaveLength(2);
  });

  it('keeps what another member shares under the id of a group out of that folder', () => {
    const contents = [
      fileAt(1, 'photos/a.jpg', { senderName: 'Alice' }),
      fileAt(2, 'photos/setup.exe', { senderName: 'Mallory' }),
      fileAt(3, 'photos/b.jpg', { senderName: 'Alice' }),
    ];
    const folders = entriesOf({ contents, unreadable: [] });
    const files = folders.map((one) => (one.kind === 'folder' ? one.of.contents.map(pathIn) : []));
    expect(files).toEqual([['a.jpg', 'b.jpg'], ['setup.exe']]);
    expect(new Set(folders.map(({ key }) => key)).size).toBe(2);
  });
});

it('shows a path with the name that the file has by now, and nothing hidden', () => {
  expect(pathIn(fileAt(1, 'photos/\u202eb/old.jpg', { name: 'new.jpg' }))).toBe('b/new.jpg');
  expect(pathIn(fileAt(1, 'photos/\u200b/a.jpg'))).toBe('_/a.jpg');
  expect(pathIn(contentOf({ name: 'alone.txt' }))).toBe('alone.txt');
});

it('is counted by what the server has of it', () => {
  const sending = { kind: 'sending', progress: PROGRESS } as const;
  const reading = { kind: 'reading', progress: PROGRESS } as const;
  const saving = { kind: 'saving', progress: PROGRESS } as const;
  const mine = { mine: true, state: 'uploading' } as const;
  const files = [
    fileAt(1, 'photos/whole', { activity: saving }),
    fileAt(2, 'photos/sent', { ...mine, activity: sending }),
    fileAt(3, 'photos/read', { ...mine, activity: reading }),
    fileAt(4, 'photos/queued', mine),
    fileAt(5, 'photos/theirs', { state: 'uploading', storedBytes: 40, activity: saving }),
    fileAt(6, 'photos/stream', { state: 'uploading', size: null, storedBytes: 7 }),
  ];
  const folder = folderIn(files);
  expect(tallyOf(folder)).toEqual({ wholeCount: 1, totalBytes: 507, doneBytes: 177 });
  expect(folder.contents.filter(isSent).map(({ name }) => name)).toEqual([
    'queued',
    'read',
    'sent',
  ]);
});

it('is not being sent where that failed or was interrupted', () => {
  const problem = { code: 'file_changed', message: '', retryable: false };
  const mine = { mine: true, state: 'uploading' } as const;
  const files = [
    fileAt(1, 'photos/a', { ...mine, activity: { kind: 'failed', problem } }),
    fileAt(2, 'photos/b', { ...mine, activity: { kind: 'interrupted', keptSeconds: 9 } }),
  ];
  expect(files.filter(isSent)).toEqual([]);
});
