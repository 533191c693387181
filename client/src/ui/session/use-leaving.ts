import { useEffect } from 'react';

import type { SessionState } from '../../store/model';
import { isSending } from '../../store/session';

function isSaving({ contents, zips }: SessionState): boolean {
  const whole = contents.filter(({ state }) => state === 'complete');
  return [...whole, ...zips.values()].some(({ activity }) =>
    ['saving', 'waiting'].includes(activity.kind),
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
