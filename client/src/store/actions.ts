/** The door of the store: opening a session, and all that its members can do. */
import { type KeyPort, KeysLostError, openKeys } from '../crypto/port';
import { fetchConfig } from '../protocol/config';
import { asProblem, ownProblem } from '../protocol/errors';
import { KeptChunks } from '../transfer/kept-chunks';
import { sweepPrivateFiles } from '../transfer/sink-private';
import { sessionOf } from './acts';
import { Connection } from './connection';
import { Entering, type EntranceOptions } from './entrance';
import { Fetching } from './fetching';
import { guarded } from './guard';
import { Listing } from './listing';
import type { JoinPhase, JoinRequest } from './joining';
import type { Session } from './model';
import { Opener } from './opening';
import { Reading } from './reading';
import { Saves } from './saves';
import type { Means } from './sending';
import { Sharing } from './sharing';
import { StateStore } from './state';
import { Unfinished } from './unfinished';
import { Uploads } from './uploads';
import { Zips } from './zips';

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
    const { sessionName, memberName, passphrase, policy } = request;
    const { realm, limits } = await fetchConfig(new AbortController().signal);
    const sessionId = await guarded('name_refused', () => keys.keeper.identify(realm, sessionName));
    const state = new StateStore(sessionName, memberName);
    const { entering, parts } = assemble(keys, state, {
      ...options,
      policy,
      sessionId,
      keptSeconds: limits.unfinished_seconds,
    });
    entering.learn(passphrase);
    await parts.connection.start();
    void parts.uploads.interrupted.recall();
    void parts.saves.recall();
    void sweepPrivateFiles();
    return sessionOf(parts);
  } catch (thrown) {
    keys.close();
    throw thrown instanceof KeysLostError
      ? ownProblem('page_incomplete', thrown)
      : asProblem(thrown);
  }
}

/**
 * Put the parts of a session together. What lives as long as the session is made here, where no
 * passphrase is in reach.
 */
function assemble(
  keys: KeyPort,
  state: StateStore,
  options: EntranceOptions & Pick<Means, 'keptSeconds'>,
) {
  const listing = new Listing(state, new Opener(keys), (contentIds, reason) => {
    for (const contentId of contentIds) {
      uploads.removed(contentId, reason);
      saves.stop(contentId, true);
      reading.stop(contentId);
    }
  });
  const entering = new Entering(keys, state, listing, options);
  const connection: Connection = new Connection({
    enter: entering.enter,
    onAnnounced: ({ control }, announced) => listing.hear(control, announced),
    onLink: (link) => {
      state.dispatch({ kind: 'link', link });
    },
    isNeeded: () => uploads.isKept || saves.isRunning || zips.isRunning,
  });
  const uploads = new Uploads(state, {
    keys,
    lines: connection,
    unfinished: new Unfinished(keys),
    keptSeconds: options.keptSeconds,
  });
  const sharing = new Sharing(state, uploads, () => listing.loadOlder(connection.now().control));
  const fetching = new Fetching(keys, connection, state);
  const reading = new Reading(fetching);
  const saves = new Saves(fetching, state, KeptChunks.open(options.sessionId));
  const zips = new Zips(fetching, state);
  return {
    entering,
    parts: { keys, state, listing, connection, uploads, sharing, reading, saves, zips },
  };
}
