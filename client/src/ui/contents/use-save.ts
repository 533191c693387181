import { useTranslation } from 'react-i18next';

import type { Content } from '../../store/model';
import { useAct, useScope } from '../session/use-session';

/** Saves a content, and says when it is saved; what else becomes of it its card says. */
export function useSave({ contentId }: Content, title: string): () => void {
  const { t } = useTranslation();
  const { session, notify } = useScope();
  const act = useAct();
  return () =>
    act(async () => {
      if ((await session.save(contentId)) === null) return;
      notify({ kind: 'done', text: t('contents.saved', { name: title }) });
    });
}
