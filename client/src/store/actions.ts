/** The door of the store: opening a session, and all that its members can do. */
import { openKeys } from '../crypto/port';
import { fetchConfig } from '../protocol/config';
import { openControl } from '../protocol/control';
import { asProblem, ownProblem } from '../protocol/errors';
import { sessionOf } from './acts';
import { Connection } from './connection';
import { Downloads } from './downloads';
import { Entering, sayHello } from './entrance';
import { guarded } from './guard';
import { Listing } from './listing';
import type { JoinPhase, JoinRequest, Session } from './model';
import { Opener } from './opening';
import { StateStore } from './state';
import { Uploads } from './uploads';

/** Whether there is a session of this name; nothing is joined. Rejects with a ProblemError. */
export async function sessionExists(sessionName: string): Promise<boolean> {
  if (!isSecureContext) throw ownProblem('insecure');
  const keys = openKeys();
  try {
    const { realm } = await fetchConfig(new AbortController().signal);
    const sessionId = await guarded('name_refused', () => keys.keeper.identify(realm, sessionName));
    const control = await openControl({ onAnnounced: () => undefined, onLost: () => undefined });
    try {
      return (await sayHello(control, sessionId)).terms !== null;
    } finally {
      control.close();
    }
  } catch (thrown) {
    throw asProblem(thrown);
  } finally {
    keys.close();
  }
}

export interface OpenOptions {
  /** Make the session when there is none of this name. */
  readonly create: boolean;
  readonly onPhase: (phase: JoinPhase) => void;
}

/**
 * Join a session, creating it first if that is asked for; resolves when its newest contents
 * are there. Rejects with a ProblemError: `session_not_found`, `wrong_passphrase`, `offline`,
 * `throttled`, `insecure` …
 */
export async function openSession(request: JoinRequest, options: OpenOptions): Promise<Session> {
  if (!isSecureContext) throw ownProblem('insecure');
  const keys = openKeys();
  try {
    options.onPhase('asking');
    const { realm } = await fetchConfig(new AbortController().signal);
    const sessionId = await guarded('name_refused', () =>
      keys.keeper.identify(realm, request.sessionName),
    );
    const state = new StateStore(request.sessionName, request.memberName);
    const opener = new Opener(keys);
    const listing = new Listing(state, opener, (contentIds) => {
      for (const contentId of contentIds) {
        uploads.stop(contentId);
        downloads.stop(contentId, true);
      }
    });
    const { passphrase } = request;
    const entering = new Entering(keys, state, listing, { ...options, sessionId, passphrase });
    const connection = new Connection({
      enter: entering.enter,
      onAnnounced: ({ control }, announced) => listing.hear(control, announced),
      onLink: (link) => {
        state.dispatch({ kind: 'link', link });
      },
    });
    const uploads = new Uploads(keys, connection, state);
    const downloads = new Downloads(keys, connection, state);
    await connection.start();
    return sessionOf({ keys, state, listing, connection, uploads, downloads });
  } catch (thrown) {
    keys.close();
    throw asProblem(thrown);
  }
}
