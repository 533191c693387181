import { chakra } from '@chakra-ui/react/styled-system';
import { useTranslation } from 'react-i18next';

/** The mark: two overlapping sheets, the shared part filled. */
function Mark() {
  return (
    <svg width="36" height="36" viewBox="0 0 36 36" aria-hidden="true">
      <rect
        x="3"
        y="3"
        width="20"
        height="20"
        rx="6"
        fill="none"
        stroke="currentColor"
        strokeWidth="2.5"
      />
      <rect
        x="13"
        y="13"
        width="20"
        height="20"
        rx="6"
        fill="none"
        stroke="currentColor"
        strokeWidth="2.5"
      />
      <rect x="13" y="13" width="10" height="10" rx="3" fill="currentColor" />
    </svg>
  );
}

export function Brand() {
  const { t } = useTranslation();
  return (
    <chakra.h1 display="flex" alignItems="center" gap={3} fontSize="xl" fontWeight={700}>
      <chakra.span color="accent" lineHeight={0}>
        <Mark />
      </chakra.span>
      {t('app.name')}
    </chakra.h1>
  );
}
