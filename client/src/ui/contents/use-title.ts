import { useTranslation } from 'react-i18next';

import type { Content } from '../../store/model';

/** What a content is called: its name, or whose text it is. */
export function useTitle(content: Content): string {
  const { t } = useTranslation();
  if (content.kind !== 'text' && content.name !== '') return content.name;
  return t('contents.textFrom', { name: content.senderName });
}
