import { chakra } from '@chakra-ui/react/styled-system';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';

import { Banner } from '../parts/banner';
import { Button } from '../parts/button';
import { problemText } from '../texts/problem';
import type { Notice } from './use-session';

const SHOWN_MS = 4000;

interface NoticesProps {
  readonly notice: Notice | null;
  readonly onDone: () => void;
}

/** The last thing to tell: what is done goes by itself, what failed waits to be read. */
export function Notices({ notice, onDone }: NoticesProps) {
  const { t } = useTranslation();
  useEffect(() => {
    if (notice?.kind !== 'done') return undefined;
    const timer = setTimeout(onDone, SHOWN_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [notice, onDone]);
  return (
    <chakra.div aria-live="polite" paddingInline={{ base: 3, md: 6 }}>
      {notice !== null && (
        <Banner tone={notice.kind === 'done' ? 'calm' : 'danger'}>
          <chakra.div display="flex" alignItems="center" justifyContent="space-between" gap={2}>
            {notice.kind === 'done' ? notice.text : problemText(notice.problem)}
            {notice.kind === 'failed' && (
              <Button type="button" look="quiet" onClick={onDone}>
                {t('contents.dismiss')}
              </Button>
            )}
          </chakra.div>
        </Banner>
      )}
    </chakra.div>
  );
}
