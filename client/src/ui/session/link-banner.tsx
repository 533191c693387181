import { chakra } from '@chakra-ui/react/styled-system';
import { useTranslation } from 'react-i18next';

import type { Link } from '../../store/model';
import { Banner } from '../parts/banner';
import { Button } from '../parts/button';
import { problemText } from '../texts/problem';
import { useNow } from './use-session';

interface LinkBannerProps {
  readonly link: Link;
  readonly onAgain: () => void;
}

/** What to expect while there is no connection; nothing while there is one. */
export function LinkBanner({ link, onAgain }: LinkBannerProps) {
  const { t } = useTranslation();
  if (link.state === 'online' || link.state === 'connecting') return <div />;
  return (
    <chakra.div paddingInline={{ base: 3, md: 6 }} paddingTop={3}>
      {link.state === 'offline' ? (
        <Banner tone="warning" title={t('session.offline')}>
          <Countdown until={link.retryAt} />
        </Banner>
      ) : (
        <Banner tone="danger" title={t('session.ended')}>
          <chakra.p>{problemText(link.error)}</chakra.p>
          <Button type="button" look="solid" marginTop={2} onClick={onAgain}>
            {t('session.again')}
          </Button>
        </Banner>
      )}
    </chakra.div>
  );
}

function Countdown({ until }: { readonly until: number | null }) {
  const { t } = useTranslation();
  const now = useNow(500);
  const count = until === null ? 0 : Math.ceil((until - now) / 1000);
  return count > 0 ? t('session.offlineIn', { count }) : t('session.offlineNow');
}
