import { chakra } from '@chakra-ui/react/styled-system';
import { useTranslation } from 'react-i18next';

import { Button } from '../parts/button';
import { Dialog } from '../parts/dialog';
import { useAct, useScope } from '../session/use-session';

interface RemoveDialogProps {
  readonly contentId: string;
  readonly title: string;
  readonly onClose: () => void;
}

/** Removing is for all members and for good, so it is asked. */
export function RemoveDialog({ contentId, title, onClose }: RemoveDialogProps) {
  const { t } = useTranslation();
  const { session } = useScope();
  const act = useAct();
  const question = t('contents.removeTitle', { name: title });
  return (
    <Dialog label={question} onClose={onClose}>
      <chakra.div display="grid" gap={4}>
        <chakra.h2 fontSize="lg" overflowWrap="anywhere" lineClamp={3}>
          {question}
        </chakra.h2>
        <chakra.p>{t('contents.removeBody')}</chakra.p>
        <chakra.div display="flex" justifyContent="flex-end" gap={2}>
          <Button type="button" onClick={onClose}>
            {t('session.cancel')}
          </Button>
          <Button
            type="button"
            look="danger"
            onClick={() => {
              act(() => session.remove(contentId));
              onClose();
            }}
          >
            {t('contents.remove')}
          </Button>
        </chakra.div>
      </chakra.div>
    </Dialog>
  );
}
