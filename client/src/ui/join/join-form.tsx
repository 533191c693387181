import { chakra } from '@chakra-ui/react/styled-system';
import { type SyntheticEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Session } from '../../store/model';
import { Banner } from '../parts/banner';
import { Button } from '../parts/button';
import { Field, Input } from '../parts/field';
import { problemText } from '../texts/problem';
import { PassphraseField } from './passphrase-field';
import { remembered } from './remembered';
import { StayField } from './stay-field';
import { type JoinStatus, lengthOf, PASSPHRASE_MIN_CHARACTERS, useJoin } from './use-join';

/** Session, name, passphrase: one act joins the session or makes it. */
export function JoinForm({ onJoined }: { readonly onJoined: (session: Session) => void }) {
  const { t } = useTranslation();
  const [names, setNames] = useState(remembered);
  const [passphrase, setPassphrase] = useState('');
  const [idleSeconds, setIdleSeconds] = useState<number | null>(null);
  const { status, join } = useJoin(onJoined);
  const isBusy = status.state === 'busy';
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (!isBusy) void join({ ...names, passphrase, idleSeconds });
  };
  return (
    <chakra.form onSubmit={submit} display="grid" gap={3} autoComplete="off">
      <Field id="session" label={t('join.session')} hint={t('join.sessionHint')}>
        <Input
          id="session"
          value={names.sessionName}
          required
          maxLength={255}
          autoCapitalize="none"
          spellCheck={false}
          autoFocus
          aria-describedby="session-hint"
          onChange={(event) => {
            setNames({ ...names, sessionName: event.target.value });
          }}
        />
      </Field>
      <Field id="member" label={t('join.member')} hint={t('join.memberHint')}>
        <Input
          id="member"
          value={names.memberName}
          required
          maxLength={80}
          autoComplete="nickname"
          aria-describedby="member-hint"
          onChange={(event) => {
            setNames({ ...names, memberName: event.target.value });
          }}
        />
      </Field>
      <PassphraseField value={passphrase} onChange={setPassphrase} />
      <StayField value={idleSeconds} onChange={setIdleSeconds} />
      <Trouble status={status} passphrase={passphrase} />
      <Button type="submit" look="solid" disabled={isBusy} width="100%">
        {isBusy ? t(`join.${status.phase}`) : t('join.submit')}
      </Button>
    </chakra.form>
  );
}

/** Why the last try failed, and what to do. */
function Trouble({
  status,
  passphrase,
}: {
  readonly status: JoinStatus;
  readonly passphrase: string;
}) {
  const { t } = useTranslation();
  if (status.state === 'failed') {
    return (
      <Banner tone="danger" title={t('join.failed')}>
        {problemText(status.problem)}
      </Banner>
    );
  }
  if (status.state !== 'short') return null;
  const count = Math.max(1, PASSPHRASE_MIN_CHARACTERS - lengthOf(passphrase));
  return (
    <Banner tone="danger" title={t('errors.session_not_found')}>
      {t('join.short', { count, min: PASSPHRASE_MIN_CHARACTERS })}
    </Banner>
  );
}
