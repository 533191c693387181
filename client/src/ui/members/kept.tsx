import { chakra } from '@chakra-ui/react/styled-system';
import { useTranslation } from 'react-i18next';

import { spanText } from '../texts/format';

/** How long the session stays when nobody is in it. */
export function Kept({ idleSeconds }: { readonly idleSeconds: number | null }) {
  const { t } = useTranslation();
  if (idleSeconds === null) return null;
  return (
    <chakra.p marginTop={4} fontSize="sm" color="muted">
      {idleSeconds === 0
        ? t('session.keptAlways')
        : t('session.kept', { time: spanText(idleSeconds) })}
    </chakra.p>
  );
}
