import { chakra } from '@chakra-ui/react/styled-system';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { Button } from '../parts/button';
import { Dialog } from '../parts/dialog';
import { Field, Input } from '../parts/field';
import { useAct, useScope } from './use-session';

interface ClearDialogProps {
  readonly sessionName: string;
  readonly onClose: () => void;
}

/** Removing everything needs the session's name typed. */
export function ClearDialog({ sessionName, onClose }: ClearDialogProps) {
  const { t } = useTranslation();
  const { session } = useScope();
  const act = useAct();
  const [typed, setTyped] = useState('');
  return (
    <Dialog label={t('session.clearTitle')} onClose={onClose}>
      <chakra.form
        display="grid"
        gap={4}
        onSubmit={(event) => {
          event.preventDefault();
          act(session.clear);
          onClose();
        }}
      >
        <chakra.h2 fontSize="lg">{t('session.clearTitle')}</chakra.h2>
        <chakra.p>{t('session.clearBody')}</chakra.p>
        <Field id="clear" label={t('session.clearName')}>
          <chakra.bdi
            justifySelf="start"
            maxWidth="100%"
            paddingInline={2}
            marginBottom={2}
            borderRadius="md"
            background="sunken"
            fontWeight={700}
            overflowWrap="anywhere"
          >
            {sessionName}
          </chakra.bdi>
          <Input
            id="clear"
            value={typed}
            autoComplete="off"
            onChange={(event) => {
              setTyped(event.target.value);
            }}
          />
        </Field>
        <chakra.div display="flex" justifyContent="flex-end" gap={2}>
          <Button type="button" onClick={onClose}>
            {t('session.cancel')}
          </Button>
          <Button type="submit" look="danger" disabled={typed.trim() !== sessionName.trim()}>
            {t('session.clearDo')}
          </Button>
        </chakra.div>
      </chakra.form>
    </Dialog>
  );
}
