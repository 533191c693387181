import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { askStays, type Stays } from '../../store/stays';
import { Field, Select } from '../parts/field';
import { spanText } from '../texts/format';

interface StayFieldProps {
  /** Seconds, 0 for ever; null as the server says. */
  readonly value: number | null;
  readonly onChange: (seconds: number) => void;
}

/** How long a session stays if this join makes it; not there until the server has answered. */
export function StayField({ value, onChange }: StayFieldProps) {
  const { t } = useTranslation();
  const [stays, setStays] = useState<Stays | null>(null);
  useEffect(() => {
    const asking = new AbortController();
    // A server that cannot be reached is told by the join itself.
    askStays(asking.signal).then(setStays, () => undefined);
    return () => {
      asking.abort();
    };
  }, []);
  if (stays === null) return null;
  const { choices, usual, most } = stays;
  const hint = most === null ? t('join.stayHint') : t('join.stayCapped', { time: spanText(most) });
  return (
    <Field id="stay" label={t('join.stay')} hint={hint}>
      <Select
        id="stay"
        value={value ?? usual}
        aria-describedby="stay-hint"
        onChange={(event) => {
          onChange(Number(event.target.value));
        }}
      >
        {choices.map((seconds) => (
          <option key={seconds} value={seconds}>
            {seconds === 0 ? t('join.stayAlways') : spanText(seconds)}
          </option>
        ))}
      </Select>
    </Field>
  );
}
