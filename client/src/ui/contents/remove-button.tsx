import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { Button } from '../parts/button';
import { IconButton } from '../parts/icon-button';
import { Confirm } from '../parts/confirm';
import { useAct, useScope } from '../session/use-session';

interface RemoveButtonProps {
  readonly contentId: string;
  readonly title: string;
  /** As a word, where it is the one thing to do. */
  readonly word?: boolean;
}

/** Removes a content after asking. */
export function RemoveButton({ contentId, title, word = false }: RemoveButtonProps) {
  const { t } = useTranslation();
  const { session } = useScope();
  const act = useAct();
  const [isAsked, setAsked] = useState(false);
  return (
    <>
      {word ? (
        <Button type="button" look="quiet" paddingInline={3} onClick={() => setAsked(true)}>
          {t('contents.remove')}
        </Button>
      ) : (
        <IconButton label={t('contents.remove')} onClick={() => setAsked(true)}>
          <Trash2 size={16} />
        </IconButton>
      )}
      {isAsked && (
        <Confirm
          question={t('contents.removeTitle', { name: title })}
          body={t('contents.removeBody')}
          word={t('contents.remove')}
          onDo={() => act(() => session.remove(contentId))}
          onClose={() => setAsked(false)}
        />
      )}
    </>
  );
}
