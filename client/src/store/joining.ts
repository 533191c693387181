/** What joining a session asks, and how it proceeds. */
import type { Policy } from './model';

/** What the join form asks. */
export interface JoinRequest {
  readonly sessionName: string;
  readonly memberName: string;
  readonly passphrase: string;
  /** What a new session is to be; one that exists stays as it is. */
  readonly policy: NewPolicy;
}

/** What may be chosen of a new session's policy. */
export interface NewPolicy extends Pick<Policy, 'contentsMax' | 'dropsOldest'> {
  /** Null as the server says. */
  readonly idleSeconds: number | null;
}

/** How a join proceeds; `asking` to `joining` are shown as one line of progress. */
export type JoinPhase = 'asking' | 'deriving' | 'joining';
