import { chakra } from '@chakra-ui/react/styled-system';
import { useTranslation } from 'react-i18next';

import { Select } from '../parts/field';
import { useScope, useSessionState } from '../session/use-session';
import { spanText } from '../texts/format';

const CHOICES: readonly number[] = [600, 3600, 86_400, 7 * 86_400];
const ALWAYS = '';

/** How long what is shared from now on stays, under what is written; a time stands out. */
export function KeepChoice() {
  const { t } = useTranslation();
  const { session } = useScope();
  const { lifetimeSeconds } = useSessionState(session);
  return (
    <chakra.div
      gridColumn="2 / -1"
      {...(lifetimeSeconds === null ? { color: 'muted' } : { color: 'accent', fontWeight: 600 })}
    >
      <Select
        quiet
        aria-label={t('composer.keep')}
        value={lifetimeSeconds ?? ALWAYS}
        onChange={({ target }) => {
          session.keepFor(target.value === ALWAYS ? null : Number(target.value));
        }}
      >
        <option value={ALWAYS}>{t('composer.keepAlways')}</option>
        {CHOICES.map((seconds) => (
          <option key={seconds} value={seconds}>
            {t('composer.keepFor', { time: spanText(seconds) })}
          </option>
        ))}
      </Select>
    </chakra.div>
  );
}
