import { chakra } from '@chakra-ui/react/styled-system';
import { useTranslation } from 'react-i18next';

import { Button } from '../parts/button';
import { Dialog } from '../parts/dialog';

interface LeaveDialogProps {
  readonly onLeave: () => void;
  readonly onClose: () => void;
}

/** Leaving while something is being sent takes that back, so it is asked. */
export function LeaveDialog({ onLeave, onClose }: LeaveDialogProps) {
  const { t } = useTranslation();
  return (
    <Dialog label={t('session.leaveTitle')} onClose={onClose}>
      <chakra.div display="grid" gap={4}>
        <chakra.h2 fontSize="lg">{t('session.leaveTitle')}</chakra.h2>
        <chakra.p>{t('session.leaveBody')}</chakra.p>
        <chakra.div display="flex" flexWrap="wrap" justifyContent="flex-end" gap={2}>
          <Button type="button" onClick={onClose}>
            {t('session.stay')}
          </Button>
          <Button type="button" look="danger" onClick={onLeave}>
            {t('session.leaveDo')}
          </Button>
        </chakra.div>
      </chakra.div>
    </Dialog>
  );
}
