import { chakra } from '@chakra-ui/react/styled-system';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { rateBits } from '../../store/passphrase';
import { lengthOf, PASSPHRASE_MIN_CHARACTERS } from './use-join';

/** Below this a typed passphrase is warned about (protocol.md 3). */
const WEAK_BITS = 50;
const STRONG_BITS = 70;

/** What a passphrase is worth, in words. */
export function Strength({ passphrase }: { readonly passphrase: string }) {
  const { t } = useTranslation();
  const [rated, setRated] = useState<{ readonly of: string; readonly bits: number } | null>(null);
  const missing = PASSPHRASE_MIN_CHARACTERS - lengthOf(passphrase);
  useEffect(() => {
    let isCurrent = true;
    if (missing <= 0) {
      void rateBits(passphrase).then((bits) => {
        if (isCurrent) setRated({ of: passphrase, bits });
      });
    }
    return () => {
      isCurrent = false;
    };
  }, [passphrase, missing]);
  if (passphrase === '') return null;
  if (missing > 0) return t('join.short', { count: missing, min: PASSPHRASE_MIN_CHARACTERS });
  if (rated?.of !== passphrase) return null;
  if (rated.bits < WEAK_BITS) {
    return <chakra.span color="warning">{t('join.weak')}</chakra.span>;
  }
  return (
    <chakra.span color="accent">
      {rated.bits < STRONG_BITS ? t('join.fair') : t('join.strong')}
    </chakra.span>
  );
}
