import { chakra } from '@chakra-ui/react/styled-system';
import { FileArchive, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Folder } from '../../store/folders';
import { Button } from '../parts/button';
import { Confirm } from '../parts/confirm';
import { IconButton } from '../parts/icon-button';
import { useAct, useScope } from '../session/use-session';
import { problemOf } from '../texts/problem';

interface FolderActionsProps {
  readonly folder: Folder;
  readonly isZipping: boolean;
}

/** What can be done with a folder as a whole. */
export function FolderActions({ folder, isZipping }: FolderActionsProps) {
  const { t } = useTranslation();
  const { session, notify, isOver } = useScope();
  const act = useAct();
  const [isAsked, setAsked] = useState(false);
  const { key, group, contents } = folder;
  const { name, count } = group;
  const whole = contents.filter(({ state }) => state === 'complete');
  const here = whole.length;
  // What is not all of it says so in its name.
  const isAll = here >= count && here === contents.length;
  const zipName = isAll
    ? t('folders.zipName', { name })
    : t('folders.zipPartName', { name, here, count: Math.max(count, contents.length) });
  const save = async () => {
    const contentIds = whole.map(({ contentId }) => contentId);
    if ((await session.saveZip(key, zipName, contentIds)) === null) return;
    notify({ kind: 'done', text: t('contents.saved', { name: zipName }) });
  };
  const remove = async () => {
    // One after the other: nobody else's requests wait behind them all.
    for (const { contentId } of contents) await session.remove(contentId).catch(unlessGone);
  };
  if (isOver) return null;
  return (
    <>
      {!isZipping && here > 0 && (
        <Button
          type="button"
          look="quiet"
          paddingInline={{ base: 2, sm: 3 }}
          onClick={() => act(save)}
        >
          <FileArchive size={16} aria-hidden="true" />
          {isAll ? t('folders.zip') : t('folders.zipPart', { here })}
        </Button>
      )}
      <chakra.span flex="1" />
      <IconButton label={t('contents.remove')} onClick={() => setAsked(true)}>
        <Trash2 size={16} />
      </IconButton>
      {isAsked && (
        <Confirm
          question={t('folders.removeTitle', { name })}
          body={t('folders.removeBody', { count: contents.length })}
          word={t('contents.remove')}
          onDo={() => act(remove)}
          onClose={() => setAsked(false)}
        />
      )}
    </>
  );
}

/** What expired or was removed by another member meanwhile needs no removal: it is done. */
function unlessGone(thrown: unknown): void {
  if (problemOf(thrown).code !== 'content_not_found') throw thrown;
}
