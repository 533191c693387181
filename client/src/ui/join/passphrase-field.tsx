import { chakra } from '@chakra-ui/react/styled-system';
import { Eye, EyeOff, RefreshCw } from 'lucide-react';
import { type KeyboardEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { generatePassphrase } from '../../store/passphrase';
import { Button } from '../parts/button';
import { IconButton } from '../parts/icon-button';
import { Field, Input, TextArea } from '../parts/field';
import { CopyButton } from './copy-button';
import { Strength } from './strength';

interface PassphraseFieldProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** Room for the button that shows and hides. */
const INPUT = {
  id: 'passphrase',
  autoComplete: 'off',
  spellCheck: false,
  autoCapitalize: 'none',
  required: true,
  'aria-describedby': 'passphrase-hint',
  paddingRight: '3rem',
} as const;
/** For browsers that do not size a text area by what is in it. */
const ROW_CHARACTERS = 30;

function sendAtEnter(event: KeyboardEvent<HTMLTextAreaElement>): void {
  if (event.key !== 'Enter') return;
  event.preventDefault();
  event.currentTarget.form?.requestSubmit();
}

/** The passphrase: typed or suggested, hidden unless the member wants to see all of it. */
export function PassphraseField({ value, onChange }: PassphraseFieldProps) {
  const { t } = useTranslation();
  const [isShown, setShown] = useState(false);
  const Eyed = isShown ? EyeOff : Eye;
  return (
    <Field id="passphrase" label={t('join.passphrase')} hint={<Strength passphrase={value} />}>
      <chakra.div position="relative">
        {isShown ? (
          <TextArea
            {...INPUT}
            value={value}
            rows={Math.max(1, Math.ceil(value.length / ROW_CHARACTERS))}
            css={{ fieldSizing: 'content' }}
            onKeyDown={sendAtEnter}
            onChange={(event) => onChange(event.target.value.replaceAll(/[\r\n]+/g, ' '))}
          />
        ) : (
          <Input
            {...INPUT}
            type="password"
            value={value}
            onChange={(event) => onChange(event.target.value)}
          />
        )}
        <chakra.div position="absolute" right={0} top={0}>
          <IconButton
            label={isShown ? t('join.hide') : t('join.show')}
            aria-pressed={isShown}
            onClick={() => setShown(!isShown)}
          >
            <Eyed size={18} />
          </IconButton>
        </chakra.div>
      </chakra.div>
      <chakra.div display="flex" justifyContent="space-between" marginInline={-3}>
        <Button
          type="button"
          look="quiet"
          color="accent"
          paddingInline={3}
          onClick={() => {
            onChange(generatePassphrase());
            setShown(true);
          }}
        >
          <RefreshCw size={16} />
          {t('join.generate')}
        </Button>
        {isShown && value !== '' && <CopyButton text={value} />}
      </chakra.div>
    </Field>
  );
}
