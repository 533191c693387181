import { chakra } from '@chakra-ui/react/styled-system';
import { Copy, Download, Pencil } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Content } from '../../store/model';
import { Button } from '../parts/button';
import { IconButton } from '../parts/icon-button';
import { useAct, useScope } from '../session/use-session';
import { PinButton } from './pin-button';
import { RemoveButton } from './remove-button';
import { RenameDialog } from './rename-dialog';
import { useSave } from './use-save';

interface CardActionsProps {
  readonly content: Content;
  readonly title: string;
}

/** What can be done with a content. */
export function CardActions({ content, title }: CardActionsProps) {
  const { t } = useTranslation();
  const { session, notify, isOver } = useScope();
  const act = useAct();
  const save = useSave(content, title);
  const [isRenamed, setRenamed] = useState(false);
  const { contentId } = content;
  const isSaving = ['saving', 'waiting', 'kept', 'elsewhere'].includes(content.activity.kind);
  const copy = async () => {
    const text = content.text ?? (await session.readText(contentId));
    await navigator.clipboard.writeText(text);
    notify({ kind: 'done', text: t('contents.copied') });
  };
  const isWhole = content.state === 'complete';
  // Of what this member sends the line of what is happening has all that there is to do.
  if (!isWhole && (content.state === 'damaged' || content.mine)) return null;
  // What is here can be copied still when the session is over.
  if (isOver && content.text === null) return null;
  return (
    <chakra.div display="flex" flexWrap="wrap" padding={1} color="muted">
      {content.kind === 'text' && isWhole && (
        <Button type="button" look="quiet" paddingInline={3} onClick={() => act(copy)}>
          <Copy size={16} aria-hidden="true" />
          {t('contents.copy')}
        </Button>
      )}
      {!isSaving && !isOver && (
        <Button type="button" look="quiet" paddingInline={3} onClick={save}>
          <Download size={16} aria-hidden="true" />
          {t('contents.save')}
        </Button>
      )}
      <chakra.span flex="1" />
      {!isOver && (
        <>
          {isWhole && <PinButton content={content} title={title} />}
          {isWhole && content.kind !== 'text' && (
            <IconButton label={t('contents.rename')} onClick={() => setRenamed(true)}>
              <Pencil size={16} />
            </IconButton>
          )}
          <RemoveButton contentId={contentId} title={title} />
        </>
      )}
      {isRenamed && <RenameDialog content={content} onClose={() => setRenamed(false)} />}
    </chakra.div>
  );
}
