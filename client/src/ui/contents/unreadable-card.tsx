import { chakra } from '@chakra-ui/react/styled-system';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { Banner } from '../parts/banner';
import { Button } from '../parts/button';
import { RemoveDialog } from './remove-dialog';

/** A content that does not open: shown as what it is, never hidden. */
export function UnreadableCard({ contentId }: { readonly contentId: string }) {
  const { t } = useTranslation();
  const [isAsked, setAsked] = useState(false);
  const title = t('contents.unreadableTitle');
  return (
    <chakra.article aria-label={title}>
      <Banner tone="danger" title={title}>
        <chakra.p>{t('contents.unreadable')}</chakra.p>
        <Button type="button" look="quiet" marginLeft={-4} onClick={() => setAsked(true)}>
          {t('contents.remove')}
        </Button>
      </Banner>
      {isAsked && (
        <RemoveDialog contentId={contentId} title={title} onClose={() => setAsked(false)} />
      )}
    </chakra.article>
  );
}
