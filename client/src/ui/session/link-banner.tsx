import { chakra } from '@chakra-ui/react/styled-system';
import { useTranslation } from 'react-i18next';

import type { Link, Problem } from '../../store/model';
import { Banner } from '../parts/banner';
import { Button } from '../parts/button';
import { Column, GUTTER } from '../parts/column';
import { joinProblemText } from '../texts/problem';
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
    <chakra.div css={GUTTER}>
      <Column paddingBlock={3}>
        {link.state === 'offline' && <Lost problem={link.problem} retryAt={link.retryAt} />}
        {link.state === 'paused' && <Banner tone="calm">{t('session.paused')}</Banner>}
        {link.state === 'ended' && (
          <Banner tone="danger" title={t('session.ended')}>
            <chakra.p>{joinProblemText(link.error)}</chakra.p>
            <Button type="button" look="solid" marginTop={2} onClick={onAgain}>
              {t('session.again')}
            </Button>
          </Banner>
        )}
      </Column>
    </chakra.div>
  );
}

interface LostProps {
  readonly problem: Problem;
  readonly retryAt: number | null;
}

/** Why the connection is lost, read out once; the countdown beside it is not. */
function Lost({ problem, retryAt }: LostProps) {
  const { t } = useTranslation();
  const isCut = problem.code === 'offline';
  return (
    <Banner tone="warning" live={false}>
      <chakra.div display="flex" flexWrap="wrap" columnGap={4} justifyContent="space-between">
        <chakra.div role="status">
          <chakra.strong>{isCut ? t('session.offline') : t('session.refused')}</chakra.strong>
          <chakra.p>
            {isCut ? null : `${joinProblemText(problem)} `}
            {t('session.goesOn')}
          </chakra.p>
        </chakra.div>
        <chakra.p role="timer" color="warning" fontVariantNumeric="tabular-nums">
          <Countdown until={retryAt} />
        </chakra.p>
      </chakra.div>
    </Banner>
  );
}

function Countdown({ until }: { readonly until: number | null }) {
  const { t } = useTranslation();
  const now = useNow(500);
  const count = until === null ? 0 : Math.ceil((until - now) / 1000);
  return count > 0 ? t('session.offlineIn', { count }) : t('session.offlineNow');
}
