import { useTranslation } from 'react-i18next';

import type { Stays } from '../../store/stays';
import { Field, Select } from '../parts/field';
import { spanText } from '../texts/format';

interface StayFieldProps {
  readonly stays: Stays;
  /** Seconds, 0 for ever. */
  readonly value: number;
  readonly onChange: (seconds: number) => void;
}

/** How long a session stays if this join makes it. */
export function StayField({ stays: { choices, most }, value, onChange }: StayFieldProps) {
  const { t } = useTranslation();
  const hint = most === null ? t('join.stayHint') : t('join.stayCapped', { time: spanText(most) });
  return (
    <Field id="stay" label={t('join.stay')} hint={hint}>
      <Select
        id="stay"
        value={value}
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
