import { chakra } from '@chakra-ui/react/styled-system';
import { useTranslation } from 'react-i18next';

import { Banner } from '../parts/banner';

/** Shown where the browser offers no encryption: plain http from another machine. */
export function Insecure() {
  const { t } = useTranslation();
  return (
    <Banner tone="danger" title={t('insecure.title')}>
      <chakra.p marginTop={1}>{t('insecure.body', { origin: location.origin })}</chakra.p>
      <chakra.p marginTop={2}>{t('insecure.fix')}</chakra.p>
    </Banner>
  );
}
