import { useState } from 'react';

import type { Session } from '../store/model';
import { JoinPage } from './join/join-page';
import { SessionPage } from './session/session-page';

/** The join form, or the session that was joined. */
export function App() {
  const [session, setSession] = useState<Session | null>(null);
  if (session === null) return <JoinPage onJoined={setSession} />;
  return (
    <SessionPage
      session={session}
      onLeft={() => {
        setSession(null);
      }}
    />
  );
}
