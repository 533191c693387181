import { Moon, Sun } from 'lucide-react';
import { useTranslation } from 'react-i18next';

import { toggleMode, useMode } from '../theme/mode';
import { IconButton } from './icon-button';

export function ModeToggle() {
  const { t } = useTranslation();
  const isDark = useMode() === 'dark';
  return (
    <IconButton label={isDark ? t('app.toLight') : t('app.toDark')} onClick={toggleMode}>
      {isDark ? <Sun size={18} /> : <Moon size={18} />}
    </IconButton>
  );
}
