import { Pin, PinOff } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Content } from '../../store/model';
import { Confirm } from '../parts/confirm';
import { IconButton } from '../parts/icon-button';
import { useAct, useScope } from '../session/use-session';

interface PinButtonProps {
  readonly content: Content;
  readonly title: string;
}

/** Pins and unpins; asks before what only the pin holds. */
export function PinButton({ content, title }: PinButtonProps) {
  const { t } = useTranslation();
  const { session } = useScope();
  const act = useAct();
  const [isAsked, setAsked] = useState(false);
  const { contentId, pinned, expiresAt } = content;
  const toggle = () => act(() => session.pin(contentId, !pinned));
  return (
    <>
      <IconButton
        label={pinned ? t('contents.unpin') : t('contents.pin')}
        aria-pressed={pinned}
        onClick={() => {
          if (pinned && expiresAt !== null && expiresAt <= Date.now()) setAsked(true);
          else toggle();
        }}
      >
        {pinned ? <PinOff size={16} /> : <Pin size={16} />}
      </IconButton>
      {isAsked && (
        <Confirm
          question={t('contents.unpinTitle', { name: title })}
          body={t('contents.unpinBody')}
          word={t('contents.unpin')}
          onDo={toggle}
          onClose={() => setAsked(false)}
        />
      )}
    </>
  );
}
