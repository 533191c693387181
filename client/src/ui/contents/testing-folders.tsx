/** What the tests of folders share. */
import { inFolder } from '../../store/grouping';
import type { Content } from '../../store/model';
import { contentOf, show, stateOf, Written } from '../testing';
import { Contents } from './contents';

export const GROUP = { id: 'f'.repeat(32), name: 'photos', count: 3 };

/** A file of the folder that is whole. */
export function fileOf(path: string, values: Partial<Content> = {}): Content {
  const name = path.split('/').at(-1) ?? '';
  const folder = inFolder({ path: `photos/${path}`, group: GROUP });
  const file = {
    kind: 'file',
    size: 2000,
    storedBytes: 2000,
    text: null,
    contentId: path,
  } as const;
  return contentOf({ ...file, name, folder, ...values });
}

export const WHOLE = [fileOf('a.jpg'), fileOf('sub/b.jpg'), fileOf('sub/c.txt')];
/** The key of their folder. */
export const KEY = `${GROUP.id} ${WHOLE[0]?.senderName ?? ''}`;
export const UPLOADING = { state: 'uploading', storedBytes: 0 } as const;

export function showFolder(contents: readonly Content[], values = {}) {
  const session = new Written(stateOf({ contents, ...values }));
  const shown = show(<Contents state={session.getState()} />, session);
  return { ...shown, session };
}
