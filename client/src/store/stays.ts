/** What a new session may be, by what the server says. */
import { fetchConfig } from '../protocol/config';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** 0 for ever. */
const CHOICES: readonly number[] = [10 * MINUTE, HOUR, DAY, 7 * DAY, 30 * DAY, 0];

export interface Stays {
  /** Seconds after the last activity, 0 for ever; the server's own choice is among them. */
  readonly choices: readonly number[];
  readonly usual: number;
  /** The most that who runs the server allows; null for no cap. */
  readonly most: number | null;
}

/** Numbers of contents that are offered; 0 for as many as fit. */
const COUNTS: readonly number[] = [0, 10, 50, 100, 1000];

/** What a server offers for a new session. */
export interface Offer {
  readonly stays: Stays;
  readonly counts: readonly number[];
}

/** What is offered under a cap of the server (0 for none), with its own choice. */
export function staysOf(usualSeconds: number, maxSeconds: number): Stays {
  const most = maxSeconds === 0 ? null : maxSeconds;
  const isAllowed = (seconds: number) => most === null || (seconds !== 0 && seconds <= most);
  const usual = isAllowed(usualSeconds) ? usualSeconds : maxSeconds;
  const all = new Set([...CHOICES.filter(isAllowed), usual]);
  const lengthOf = (seconds: number) => (seconds === 0 ? Infinity : seconds);
  return { choices: [...all].sort((one, other) => lengthOf(one) - lengthOf(other)), usual, most };
}

/** Ask the server; rejects with a ProblemError. */
export async function askOffer(signal: AbortSignal): Promise<Offer> {
  const { limits } = await fetchConfig(signal);
  return {
    stays: staysOf(limits.session_idle_seconds, limits.session_idle_max_seconds),
    counts: COUNTS.filter((count) => count < limits.contents_count),
  };
}
