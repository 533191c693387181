import { chakra } from '@chakra-ui/react/styled-system';
import { Inbox } from 'lucide-react';
import { useTranslation } from 'react-i18next';

interface EmptyProps {
  /** The session's name when this member's join made it: a misspelt name makes one, too. */
  readonly newName: string | null;
}

/** An invitation where there is nothing yet. */
export function Empty({ newName }: EmptyProps) {
  const { t } = useTranslation();
  return (
    <chakra.div
      display="grid"
      placeContent="center"
      justifyItems="center"
      gap={2}
      textAlign="center"
    >
      <chakra.span
        color="accent"
        background="accentSoft"
        padding={4}
        borderRadius="full"
        lineHeight={0}
      >
        <Inbox size={28} aria-hidden="true" />
      </chakra.span>
      <chakra.h2 fontSize="lg">{t('contents.emptyTitle')}</chakra.h2>
      <chakra.p color="muted" maxWidth="26rem">
        {t('contents.emptyBody')}
      </chakra.p>
      {newName !== null && (
        <chakra.p color="muted" fontSize="sm" maxWidth="26rem" overflowWrap="anywhere">
          {t('contents.emptyNew', { name: newName })}
        </chakra.p>
      )}
    </chakra.div>
  );
}
