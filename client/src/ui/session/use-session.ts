import { createContext, useContext, useEffect, useState, useSyncExternalStore } from 'react';

import type { Problem, Session, SessionState } from '../../store/model';
import { problemOf } from '../texts/problem';

/** The open session of this page, and where to tell what happened. */
export interface SessionScope {
  readonly session: Session;
  readonly notify: (notice: Notice) => void;
  /** The session has ended here: nothing can be done in it any more. */
  readonly isOver: boolean;
}

/** Something to tell once: what is done, what is to be known, or a failure. */
export type Notice =
  | { readonly kind: 'done'; readonly text: string }
  | { readonly kind: 'told'; readonly text: string }
  | { readonly kind: 'failed'; readonly problem: Problem };

export const SessionContext = createContext<SessionScope | null>(null);

export function useScope(): SessionScope {
  const scope = useContext(SessionContext);
  if (scope === null) throw new Error('outside of a session');
  return scope;
}

export function useSessionState(session: Session): SessionState {
  return useSyncExternalStore(session.subscribe, session.getState);
}

/** Run acts of the session; what fails is told. */
export function useAct(): (act: () => Promise<unknown>) => void {
  const { notify } = useScope();
  return (act) => {
    act().catch((thrown: unknown) => {
      const problem = problemOf(thrown);
      if (problem.code !== 'cancelled') notify({ kind: 'failed', problem });
    });
  };
}

/** The time, read again every `everyMs`. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => {
      setNow(Date.now());
    }, everyMs);
    return () => {
      clearInterval(timer);
    };
  }, [everyMs]);
  return now;
}
