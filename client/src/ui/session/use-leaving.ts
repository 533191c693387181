import { useEffect } from 'react';

import type { SessionState } from '../../store/model';
import { isSending } from '../../store/session';

function isSaving({ contents }: SessionState): boolean {
  return contents.some(
    ({ state, activity }) =>
      state === 'complete' && (activity.kind === 'saving' || activity.kind === 'waiting'),
  );
}

/** Let the browser ask before the page is closed while something is on its way. */
export function useUnloadQuestion(state: SessionState): void {
  const isBusy = isSending(state) || isSaving(state);
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
