import { chakra } from '@chakra-ui/react/styled-system';
import { type SyntheticEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { NewPolicy } from '../../store/joining';
import type { Session } from '../../store/model';
import { Banner } from '../parts/banner';
import { Button } from '../parts/button';
import { Field, Input } from '../parts/field';
import { joinProblemText } from '../texts/problem';
import { NewSession } from './new-session';
import { PassphraseField } from './passphrase-field';
import { remembered } from './remembered';
import { type JoinStatus, PASSPHRASE_MIN_CHARACTERS, useJoin } from './use-join';

const USUAL: NewPolicy = { idleSeconds: null, contentsMax: 0, dropsOldest: false };

/** Session, name, passphrase: one act joins the session or makes it. */
export function JoinForm({ onJoined }: { readonly onJoined: (session: Session) => void }) {
  const { t } = useTranslation();
  const [names, setNames] = useState(remembered);
  const [passphrase, setPassphrase] = useState('');
  const [policy, setPolicy] = useState(USUAL);
  const { status, join } = useJoin(onJoined);
  const isBusy = status.state === 'busy';
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    // What went wrong stands above the button.
    if (status.state === 'failed' || status.state === 'short') {
      button.current?.scrollIntoView({ block: 'nearest' });
    }
  }, [status]);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (!isBusy) void join({ ...names, passphrase, policy });
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
      <NewSession value={policy} onChange={setPolicy} />
      <Trouble status={status} />
      <Button
        ref={button}
        type="submit"
        look="solid"
        disabled={isBusy}
        width="100%"
        scrollMarginBottom="1.5rem"
      >
        {isBusy ? t(`join.${status.phase}`) : t('join.submit')}
      </Button>
    </chakra.form>
  );
}

/** Why the last try failed, and what to do. */
function Trouble({ status }: { readonly status: JoinStatus }) {
  const { t } = useTranslation();
  if (status.state === 'failed') {
    return (
      <Banner tone="danger" title={t('join.failed')}>
        {joinProblemText(status.problem)}
      </Banner>
    );
  }
  if (status.state !== 'short') return null;
  return (
    <Banner tone="danger" title={t('errors.session_not_found')}>
      {t('join.shortNew', { min: PASSPHRASE_MIN_CHARACTERS })}
    </Banner>
  );
}
