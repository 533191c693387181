import { useTranslation } from 'react-i18next';

import type { NewPolicy } from '../../store/joining';
import { Field, Select } from '../parts/field';

interface CountFieldsProps {
  readonly counts: readonly number[];
  readonly value: NewPolicy;
  readonly onChange: (value: NewPolicy) => void;
}

const OLDEST = 'oldest';
const REFUSED = 'refused';

/** How many contents a new session holds, and what happens when it holds so many. */
export function CountFields({ counts, value, onChange }: CountFieldsProps) {
  const { t } = useTranslation();
  return (
    <>
      <Field id="count" label={t('join.contents')}>
        <Select
          id="count"
          value={value.contentsMax}
          onChange={({ target }) => {
            const contentsMax = Number(target.value);
            onChange({ ...value, contentsMax, dropsOldest: contentsMax > 0 && value.dropsOldest });
          }}
        >
          {counts.map((count) => (
            <option key={count} value={count}>
              {count === 0 ? t('join.contentsAll') : t('join.contentsMax', { count })}
            </option>
          ))}
        </Select>
      </Field>
      {value.contentsMax > 0 && (
        <Field id="beyond" label={t('join.beyond')}>
          <Select
            id="beyond"
            value={value.dropsOldest ? OLDEST : REFUSED}
            onChange={({ target }) => {
              onChange({ ...value, dropsOldest: target.value === OLDEST });
            }}
          >
            <option value={REFUSED}>{t('join.beyondRefused')}</option>
            <option value={OLDEST}>{t('join.beyondOldest')}</option>
          </Select>
        </Field>
      )}
    </>
  );
}
