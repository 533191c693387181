import { Moon, Sun } from 'lucide-react';
import { useTranslation } from 'react-i18next';

import { toggleMode, useMode } from '../theme/mode';
import { Button } from './button';

export function ModeToggle() {
  const { t } = useTranslation();
  const isDark = useMode() === 'dark';
  return (
    <Button
      look="quiet"
      shape="icon"
      type="button"
      aria-label={isDark ? t('app.toLight') : t('app.toDark')}
      onClick={toggleMode}
    >
      {isDark ? <Sun size={18} /> : <Moon size={18} />}
    </Button>
  );
}
