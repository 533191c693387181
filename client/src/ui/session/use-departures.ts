import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';

import type { Departure } from '../../store/model';
import type { Notice } from './use-session';

/** Tells once what went by itself. */
export function useDepartures(departed: Departure | null, notify: (notice: Notice) => void): void {
  const { t } = useTranslation();
  useEffect(() => {
    if (departed === null) return;
    const { count, reason } = departed;
    const text = {
      expired: t('contents.goneExpired', { count }),
      displaced: t('contents.goneDisplaced', { count }),
      unfinished: t('contents.goneUnfinished', { count }),
    }[reason];
    notify({ kind: 'done', text });
  }, [departed, notify, t]);
}
