import { chakra } from '@chakra-ui/react/styled-system';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Session } from '../../store/model';
import { Composer } from '../composer/composer';
import { DropTarget } from '../composer/drop-target';
import { Contents } from '../contents/contents';
import { InterruptedBanner } from '../contents/interrupted';
import { Kept } from '../members/kept';
import { MemberList } from '../members/member-list';
import { GUTTER } from '../parts/column';
import { Arrivals } from './arrivals';
import { Header } from './header';
import { LinkBanner } from './link-banner';
import { Notices } from './notices';
import { Overall } from './overall';
import { useDepartures } from './use-departures';
import { useUnloadQuestion } from './use-leaving';
import { type Notice, SessionContext, useSessionState } from './use-session';

interface SessionPageProps {
  readonly session: Session;
  readonly onLeft: () => void;
}

/** One session: who is here, what is here, and where to add to it. */
export function SessionPage({ session, onLeft }: SessionPageProps) {
  const { t } = useTranslation();
  const state = useSessionState(session);
  const [notice, setNotice] = useState<Notice | null>(null);
  const isOver = state.link.state === 'ended';
  const scope = useMemo(() => ({ session, notify: setNotice, isOver }), [session, isOver]);
  const dismiss = useCallback(() => {
    setNotice(null);
  }, []);
  useEffect(() => {
    document.title = t('session.title', { name: state.sessionName });
    return () => {
      document.title = t('app.name');
    };
  }, [t, state.sessionName]);
  useUnloadQuestion(state);
  useDepartures(state.departed, setNotice);
  const leave = () => {
    void session.leave();
    onLeft();
  };
  return (
    <SessionContext value={scope}>
      <DropTarget>
        <chakra.div
          height="100dvh"
          display="grid"
          gridTemplateRows="auto 1fr"
          gridTemplateColumns={{ base: 'minmax(0, 1fr)', lg: 'minmax(0, 1fr) 17rem' }}
        >
          <chakra.div gridColumn="1 / -1">
            <Header state={state} onLeave={leave} />
          </chakra.div>
          <chakra.main
            display="grid"
            gridTemplateRows="auto 1fr auto"
            gridTemplateColumns="minmax(0, 1fr)"
            minHeight={0}
          >
            <div>
              <LinkBanner link={state.link} onAgain={leave} />
              <InterruptedBanner contents={state.contents} />
            </div>
            <Contents state={state} isCovered={notice !== null && notice.kind !== 'done'} />
            <chakra.div
              position="relative"
              background="surface"
              borderTopWidth="1px"
              borderColor="line"
            >
              <Overall state={state} />
              <Arrivals contents={state.contents} />
              <Notices notice={notice} onDone={dismiss} />
              <chakra.div css={GUTTER} inert={isOver} opacity={isOver ? 0.5 : 1}>
                <Composer />
              </chakra.div>
            </chakra.div>
          </chakra.main>
          <chakra.aside
            display={{ base: 'none', lg: 'block' }}
            borderLeftWidth="1px"
            borderColor="line"
            padding={4}
            overflowY="auto"
            aria-label={t('members.title')}
          >
            <MemberList members={state.members} />
            <Kept policy={state.policy} />
          </chakra.aside>
        </chakra.div>
      </DropTarget>
    </SessionContext>
  );
}
