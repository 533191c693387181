import { chakra } from '@chakra-ui/react/styled-system';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Content } from '../../store/model';
import { Button } from '../parts/button';
import { Dialog } from '../parts/dialog';
import { Field, Input } from '../parts/field';
import { useAct, useScope } from '../session/use-session';

interface RenameDialogProps {
  readonly content: Content;
  readonly onClose: () => void;
}

/** A new name for a content. */
export function RenameDialog({ content, onClose }: RenameDialogProps) {
  const { t } = useTranslation();
  const { session } = useScope();
  const act = useAct();
  const [name, setName] = useState(content.name);
  return (
    <Dialog label={t('contents.renameTitle')} onClose={onClose}>
      <chakra.form
        display="grid"
        gap={4}
        onSubmit={(event) => {
          event.preventDefault();
          act(() => session.rename(content.contentId, name.trim()));
          onClose();
        }}
      >
        <chakra.h2 fontSize="lg">{t('contents.renameTitle')}</chakra.h2>
        <Field id="rename" label={t('contents.newName')}>
          <Input
            id="rename"
            value={name}
            maxLength={255}
            required
            onChange={(event) => {
              setName(event.target.value);
            }}
          />
        </Field>
        <chakra.div display="flex" justifyContent="flex-end" gap={2}>
          <Button type="button" onClick={onClose}>
            {t('session.cancel')}
          </Button>
          <Button type="submit" look="solid" disabled={name.trim() === ''}>
            {t('contents.rename')}
          </Button>
        </chakra.div>
      </chakra.form>
    </Dialog>
  );
}
