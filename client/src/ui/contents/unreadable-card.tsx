import { chakra } from '@chakra-ui/react/styled-system';
import { useTranslation } from 'react-i18next';

import { Trouble } from './trouble';

/** A content that does not open: shown as what it is, never hidden. */
export function UnreadableCard({ contentId }: { readonly contentId: string }) {
  const { t } = useTranslation();
  const title = t('contents.unreadableTitle');
  return (
    <chakra.article aria-label={title} paddingLeft="2.75rem">
      <Trouble contentId={contentId} title={title} heading={title}>
        {t('contents.unreadable')}
      </Trouble>
    </chakra.article>
  );
}
