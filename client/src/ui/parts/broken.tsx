import { chakra } from '@chakra-ui/react/styled-system';
import { useTranslation } from 'react-i18next';

import { Banner } from './banner';
import { Button } from './button';

/** In the place of a page that met a fault. */
export function Broken() {
  const { t } = useTranslation();
  return (
    <chakra.main minHeight="100dvh" display="grid" placeContent="center" padding={4}>
      <Banner tone="danger" title={t('app.broken')}>
        <chakra.p>{t('app.brokenBody')}</chakra.p>
        <Button
          type="button"
          look="solid"
          marginTop={3}
          onClick={() => {
            location.reload();
          }}
        >
          {t('app.reload')}
        </Button>
      </Banner>
    </chakra.main>
  );
}
