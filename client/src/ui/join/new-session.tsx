import { chakra } from '@chakra-ui/react/styled-system';
import { ChevronDown } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { NewPolicy } from '../../store/joining';
import { askOffer, type Offer } from '../../store/stays';
import { spanText } from '../texts/format';
import { CountFields } from './count-fields';
import { StayField } from './stay-field';

interface NewSessionProps {
  readonly value: NewPolicy;
  readonly onChange: (value: NewPolicy) => void;
}

/**
 * What the session is to be if this join makes it: in a line, and unfolded to be changed. Not
 * there until the server has said what it offers.
 */
export function NewSession({ value, onChange }: NewSessionProps) {
  const { t } = useTranslation();
  const [offer, setOffer] = useState<Offer | null>(null);
  useEffect(() => {
    const asking = new AbortController();
    // A server that cannot be reached is told by the join itself.
    askOffer(asking.signal).then(setOffer, () => undefined);
    return () => {
      asking.abort();
    };
  }, []);
  if (offer === null) return null;
  const { stays, counts } = offer;
  const { idleSeconds, contentsMax } = value;
  const seconds = idleSeconds ?? stays.usual;
  const stay = seconds === 0 ? t('join.stayAlways') : spanText(seconds);
  const holds = contentsMax === 0 ? t('join.fits') : t('join.atMost', { count: contentsMax });
  return (
    <chakra.details css={{ '&[open] summary svg': { transform: 'rotate(180deg)' } }}>
      <chakra.summary
        display="flex"
        alignItems="center"
        justifyContent="space-between"
        gap={2}
        minHeight="2.75rem"
        cursor="pointer"
        fontSize="sm"
        borderRadius="md"
      >
        <span>
          <chakra.strong display="block" fontWeight={600}>
            {t('join.fresh')}
          </chakra.strong>
          <chakra.span color="muted">{`${stay} · ${holds}`}</chakra.span>
        </span>
        <chakra.span color="muted" paddingRight={3} lineHeight={0}>
          <ChevronDown size={16} aria-hidden="true" />
        </chakra.span>
      </chakra.summary>
      <chakra.div display="grid" gap={3} paddingTop={2}>
        <StayField
          stays={stays}
          value={seconds}
          onChange={(chosen) => {
            onChange({ ...value, idleSeconds: chosen });
          }}
        />
        <CountFields counts={counts} value={value} onChange={onChange} />
        <chakra.p fontSize="sm" color="muted">
          {t('join.freshHint')}
        </chakra.p>
      </chakra.div>
    </chakra.details>
  );
}
