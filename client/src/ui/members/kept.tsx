import { chakra } from '@chakra-ui/react/styled-system';
import { useTranslation } from 'react-i18next';

import type { Policy } from '../../store/model';
import { spanText } from '../texts/format';

/** How long the session stays when nobody is in it, and how much it holds. */
export function Kept({ policy }: { readonly policy: Policy | null }) {
  const { t } = useTranslation();
  if (policy === null) return null;
  const { idleSeconds, contentsMax: count, dropsOldest } = policy;
  return (
    <chakra.p marginTop={4} fontSize="sm" color="muted">
      {idleSeconds === 0
        ? t('session.keptAlways')
        : t('session.kept', { time: spanText(idleSeconds) })}{' '}
      {count > 0 && t(dropsOldest ? 'session.keptOldest' : 'session.keptRefused', { count })}
    </chakra.p>
  );
}
