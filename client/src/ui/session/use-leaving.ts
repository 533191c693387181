import { useEffect } from 'react';

import type { SessionState } from '../../store/model';
import { SAVING } from '../../store/overall';
import { isSending } from '../../store/session';

/** Let the browser ask before the page is closed while something is on its way. */
export function useUnloadQuestion(state: SessionState): void {
  const isBusy = isSending(state) || SAVING.partsOf(state).size > 0;
  useEffect(() => {
    if (!isBusy) return undefined;
    const ask = (event: BeforeUnloadEvent) => {
      event.preventDefault();
    };
    window.addEventListener('beforeunload', ask);
    return () => {
      window.removeEventListener('beforeunload', ask);
    };
  }, [isBusy]);
}
