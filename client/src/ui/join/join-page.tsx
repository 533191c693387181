import { chakra } from '@chakra-ui/react/styled-system';
import { useTranslation } from 'react-i18next';

import type { Session } from '../../store/model';
import { Brand } from '../parts/brand';
import { ModeToggle } from '../parts/mode-toggle';
import { Insecure } from './insecure';
import { JoinForm } from './join-form';

/** The first page: who you are, and which session. */
export function JoinPage({ onJoined }: { readonly onJoined: (session: Session) => void }) {
  const { t } = useTranslation();
  return (
    <chakra.div minHeight="100dvh" display="grid" gridTemplateRows="auto 1fr auto" padding={4}>
      <chakra.header display="flex" justifyContent="flex-end">
        <ModeToggle />
      </chakra.header>
      <chakra.main display="grid" placeItems="center">
        <chakra.div width="100%" maxWidth="27rem" display="grid" gap={6} paddingBlock={4}>
          <chakra.div display="grid" gap={2}>
            <Brand />
            <chakra.p color="muted">{t('app.tagline')}</chakra.p>
          </chakra.div>
          <chakra.div
            background="surface"
            borderWidth="1px"
            borderColor="line"
            borderRadius="lg"
            padding={{ base: 4, md: 6 }}
          >
            {isSecureContext ? <JoinForm onJoined={onJoined} /> : <Insecure />}
          </chakra.div>
        </chakra.div>
      </chakra.main>
      <chakra.footer textAlign="center" fontSize="sm" color="muted">
        {t('join.sealed')}
      </chakra.footer>
    </chakra.div>
  );
}
