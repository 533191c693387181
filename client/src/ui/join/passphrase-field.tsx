import { chakra } from '@chakra-ui/react/styled-system';
import { Eye, EyeOff, RefreshCw } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { generatePassphrase } from '../../store/passphrase';
import { Button } from '../parts/button';
import { Field, Input } from '../parts/field';
import { Strength } from './strength';

interface PassphraseFieldProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** The passphrase: typed or suggested, hidden unless the member wants to see it. */
export function PassphraseField({ value, onChange }: PassphraseFieldProps) {
  const { t } = useTranslation();
  const [isShown, setShown] = useState(false);
  return (
    <Field id="passphrase" label={t('join.passphrase')} hint={<Strength passphrase={value} />}>
      <chakra.div position="relative">
        <Input
          id="passphrase"
          type={isShown ? 'text' : 'password'}
          value={value}
          autoComplete="off"
          spellCheck={false}
          autoCapitalize="none"
          required
          aria-describedby="passphrase-hint"
          paddingRight="3rem"
          onChange={(event) => {
            onChange(event.target.value);
          }}
        />
        <chakra.div position="absolute" right={0} top={0}>
          <Button
            type="button"
            look="quiet"
            shape="icon"
            aria-label={isShown ? t('join.hide') : t('join.show')}
            aria-pressed={isShown}
            onClick={() => {
              setShown(!isShown);
            }}
          >
            {isShown ? <EyeOff size={18} /> : <Eye size={18} />}
          </Button>
        </chakra.div>
      </chakra.div>
      <chakra.div>
        <Button
          type="button"
          look="quiet"
          color="accent"
          marginLeft={-3}
          paddingInline={3}
          onClick={() => {
            onChange(generatePassphrase());
            setShown(true);
          }}
        >
          <RefreshCw size={16} />
          {t('join.generate')}
        </Button>
      </chakra.div>
    </Field>
  );
}
