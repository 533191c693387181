import { useState } from 'react';

import { openSession } from '../../store/actions';
import type { JoinPhase, JoinRequest } from '../../store/joining';
import type { Problem, Session } from '../../store/model';
import { problemOf } from '../texts/problem';
import { remember } from './remembered';

export const PASSPHRASE_MIN_CHARACTERS = 12;

/** Characters as people count them, without white space at the ends. */
export function lengthOf(passphrase: string): number {
  return Array.from(passphrase.trim()).length;
}

export type JoinStatus =
  | { readonly state: 'ready' }
  | { readonly state: 'busy'; readonly phase: JoinPhase }
  | { readonly state: 'short' }
  | { readonly state: 'failed'; readonly problem: Problem };

/** Joining as the form sees it; a short passphrase may join a session, but not create one. */
export function useJoin(onJoined: (session: Session) => void) {
  const [status, setStatus] = useState<JoinStatus>({ state: 'ready' });
  const join = async (request: JoinRequest): Promise<void> => {
    const isLong = lengthOf(request.passphrase) >= PASSPHRASE_MIN_CHARACTERS;
    setStatus({ state: 'busy', phase: 'asking' });
    try {
      const session = await openSession(request, {
        create: isLong,
        onPhase: (phase) => {
          setStatus({ state: 'busy', phase });
        },
      });
      remember(request);
      onJoined(session);
    } catch (thrown) {
      const problem = problemOf(thrown);
      const isShort = problem.code === 'session_not_found' && !isLong;
      setStatus(isShort ? { state: 'short' } : { state: 'failed', problem });
    }
  };
  return { status, join };
}
