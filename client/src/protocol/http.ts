/**
 * One HTTP request of the client: its deadline, and its failure as a ProblemError.
 */
import { type Decoder, DecodeError, Fields, isRecord } from './decode';
import { decodeFailure } from './generated';
import { asProblem, ownProblem, ProblemError, problemOf } from './errors';

/** The server waits 30 s for a body and 1 s more for each 16 KiB: so does the client. */
const BASE_MS = 30_000;
const BYTES_PER_SECOND = 16 * 1024;

/** How long a request with a body of `bytes`, in either direction, may take: milliseconds. */
export function deadlineMs(bytes: number): number {
  return BASE_MS + Math.ceil(bytes / BYTES_PER_SECOND) * 1000;
}

export interface HttpRequest {
  /** Bytes of the larger body, for the deadline. */
  readonly bytes: number;
  readonly signal: AbortSignal;
  /** Method, headers and body. */
  readonly init?: RequestInit;
}

/**
 * Send a request and read its answer by `read`.
 *
 * Rejects with `cancelled` when `signal` is aborted, `timeout` after the deadline, `offline`
 * when there is no connection, else with the server's own failure.
 */
export async function send<T>(
  url: URL,
  request: HttpRequest,
  read: (response: Response) => Promise<T>,
): Promise<T> {
  const deadline = AbortSignal.timeout(deadlineMs(request.bytes));
  const { signal: stop } = request;
  const signal = AbortSignal.any([stop, deadline]);
  try {
    const response = await fetch(url, {
      ...request.init,
      signal,
      cache: 'no-store',
      credentials: 'omit',
      redirect: 'error',
    });
    if (!response.ok) throw await failureOf(response);
    return await read(response);
  } catch (thrown) {
    if (stop.aborted) throw ownProblem('cancelled', thrown);
    if (deadline.aborted) throw ownProblem('timeout', thrown);
    if (thrown instanceof ProblemError || thrown instanceof DecodeError) throw asProblem(thrown);
    throw ownProblem('offline', thrown);
  }
}

/** Read a JSON answer by its decoder. */
export function jsonBy<T>(decode: Decoder<T>): (response: Response) => Promise<T> {
  return async (response) => {
    const value: unknown = await response.json().catch(() => undefined);
    return decode(value, 'answer');
  };
}

/** The server's failure; an answer that is none of ours (a proxy's page) by its status. */
async function failureOf(response: Response): Promise<ProblemError> {
  const value: unknown = await response.json().catch(() => undefined);
  if (isRecord(value) && isRecord(value['error'])) {
    return problemOf(new Fields(value, 'answer').read('error', decodeFailure));
  }
  const details = { retryAfterSeconds: readRetryAfter(response.headers.get('Retry-After')) };
  if (response.status === 429) {
    return new ProblemError('throttled', 'Too many requests. It goes on soon.', true, details);
  }
  if (response.status >= 500) {
    return new ProblemError('busy', 'The server cannot be reached now.', true, details);
  }
  return ownProblem('bad_answer');
}

/** Read a Retry-After header, seconds or a date (RFC 9110, 10.2.3), into seconds from now; null for none. */
function readRetryAfter(value: string | null): number | null {
  if (value === null) return null;
  if (/^[0-9]+$/.test(value)) return Number(value);
  // Engines read nearly anything as a date.
  const waitMs = value.endsWith(' GMT') ? Date.parse(value) - Date.now() : Number.NaN;
  return Number.isNaN(waitMs) ? null : Math.max(0, Math.ceil(waitMs / 1000));
}
