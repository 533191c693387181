import { chakra } from '@chakra-ui/react/styled-system';
import { useTranslation } from 'react-i18next';

import { Button } from './button';
import { Dialog } from './dialog';

interface ConfirmProps {
  readonly question: string;
  /** What follows from it. */
  readonly body: string;
  /** The word for doing it. */
  readonly word: string;
  readonly onDo: () => void;
  readonly onClose: () => void;
}

/** Asks before something that is for all members and for good. */
export function Confirm({ question, body, word, onDo, onClose }: ConfirmProps) {
  const { t } = useTranslation();
  return (
    <Dialog label={question} onClose={onClose}>
      <chakra.div display="grid" gap={4}>
        <chakra.h2 fontSize="lg" overflowWrap="anywhere" lineClamp={3}>
          {question}
        </chakra.h2>
        <chakra.p>{body}</chakra.p>
        <chakra.div display="flex" justifyContent="flex-end" gap={2}>
          <Button type="button" onClick={onClose}>
            {t('session.cancel')}
          </Button>
          <Button
            type="button"
            look="danger"
            onClick={() => {
              onDo();
              onClose();
            }}
          >
            {word}
          </Button>
        </chakra.div>
      </chakra.div>
    </Dialog>
  );
}
