import { chakra } from '@chakra-ui/react/styled-system';
import { Copy, Download, Pencil, Pin, PinOff, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Content } from '../../store/model';
import { Button } from '../parts/button';
import { useAct, useScope } from '../session/use-session';
import { RemoveDialog } from './remove-dialog';
import { RenameDialog } from './rename-dialog';

interface CardActionsProps {
  readonly content: Content;
  readonly title: string;
}

/** What can be done with a content. */
export function CardActions({ content, title }: CardActionsProps) {
  const { t } = useTranslation();
  const { session, notify } = useScope();
  const act = useAct();
  const [open, setOpen] = useState<'none' | 'rename' | 'remove'>('none');
  const { contentId, pinned } = content;
  const isWhole = content.state === 'complete';
  const copy = async () => {
    const text = content.text ?? (await session.readText(contentId));
    await navigator.clipboard.writeText(text);
    notify({ kind: 'done', text: t('contents.copied') });
  };
  const save = async () => {
    await session.save(contentId);
    notify({ kind: 'done', text: t('contents.saved', { name: title }) });
  };
  const close = () => {
    setOpen('none');
  };
  // While it is sent from here, "cancel" is what there is to do.
  if (content.activity.kind === 'sending' || content.activity.kind === 'waiting') return null;
  return (
    <chakra.div display="flex" flexWrap="wrap" gap={0.5} padding={1} color="muted">
      {isWhole && content.kind === 'text' && (
        <Button type="button" look="quiet" onClick={() => act(copy)}>
          <Copy size={16} aria-hidden="true" />
          {t('contents.copy')}
        </Button>
      )}
      {isWhole && content.activity.kind !== 'saving' && (
        <Button type="button" look="quiet" onClick={() => act(save)}>
          <Download size={16} aria-hidden="true" />
          {t('contents.save')}
        </Button>
      )}
      <chakra.span flex="1" />
      {isWhole && (
        <Button
          type="button"
          look="quiet"
          shape="icon"
          aria-label={pinned ? t('contents.unpin') : t('contents.pin')}
          aria-pressed={pinned}
          onClick={() => act(() => session.pin(contentId, !pinned))}
        >
          {pinned ? <PinOff size={16} /> : <Pin size={16} />}
        </Button>
      )}
      {isWhole && content.kind !== 'text' && (
        <Button
          type="button"
          look="quiet"
          shape="icon"
          aria-label={t('contents.rename')}
          onClick={() => {
            setOpen('rename');
          }}
        >
          <Pencil size={16} />
        </Button>
      )}
      <Button
        type="button"
        look="quiet"
        shape="icon"
        aria-label={t('contents.remove')}
        onClick={() => {
          setOpen('remove');
        }}
      >
        <Trash2 size={16} />
      </Button>
      {open === 'rename' && <RenameDialog content={content} onClose={close} />}
      {open === 'remove' && <RemoveDialog contentId={contentId} title={title} onClose={close} />}
    </chakra.div>
  );
}
