import { useTranslation } from 'react-i18next';

import type { Chosen } from '../../store/chosen';
import { useAct, useScope } from '../session/use-session';

/** So many names are told of what is left out. */
const NAMES_COUNT = 3;

/** Shares what was chosen, and says what of it cannot be. */
export function useShare(): (chosen: () => Promise<Chosen> | Chosen) => void {
  const { t } = useTranslation();
  const { session, notify } = useScope();
  const act = useAct();
  const share = ({ files, folders, leftOut }: Chosen) => {
    if (files.length > 0) act(() => session.shareFiles(files));
    for (const folder of folders) act(() => session.shareFolder(folder));
    if (leftOut.length === 0) return;
    const names = leftOut.slice(0, NAMES_COUNT).join(', ');
    const list = leftOut.length > NAMES_COUNT ? `${names} …` : names;
    notify({ kind: 'told', text: t('folders.leftOut', { count: leftOut.length, list }) });
  };
  return (chosen) => {
    act(async () => {
      share(await chosen());
    });
  };
}
