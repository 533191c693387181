/**
 * Failures as the client carries them: the server's own, and those of this side.
 */
import { DecodeError } from './decode';
import type { Failure } from './generated';

/** Codes that no server answers: what this browser found out by itself, with its sentence. */
const OWN = {
  offline: {
    retryable: true,
    message: 'The server cannot be reached now. It goes on by itself when it can.',
  },
  timeout: { retryable: true, message: 'The server did not answer in time. Try again.' },
  bad_answer: {
    retryable: false,
    message: 'The server gave an answer that this page does not understand. Reload the page.',
  },
  session_not_found: {
    retryable: false,
    message: 'There is no session of this name. Check the name, or create the session.',
  },
  session_gone: {
    retryable: false,
    message: 'The session is not there any more: its time was over, or it was removed.',
  },
  session_expired: {
    retryable: false,
    message: 'The session has ended: nobody was in it for the time that it is kept.',
  },
  session_removed: {
    retryable: false,
    message: 'The session was removed by who runs the server, with all that was in it.',
  },
  cancelled: { retryable: false, message: 'You stopped this.' },
  not_arrived: {
    retryable: true,
    message: 'Its sender has not sent all of it yet. It goes on by itself when more arrives.',
  },
  left: { retryable: false, message: 'You have left the session. Join it again.' },
  update_needed: {
    retryable: false,
    message: 'This session needs a newer page than this one. Reload the page.',
  },
  server_forged: {
    retryable: false,
    message: 'The server could not prove that it keeps this session. Do not go on with it.',
  },
  passphrase_changed: {
    retryable: false,
    message: 'The passphrase of the session was changed. Join it again with the new one.',
  },
  content_damaged: {
    retryable: false,
    message: 'The content does not open with the key of the session, or it was changed.',
  },
  chunk_misplaced: {
    retryable: false,
    message: 'The server gave one part in the place of another. Nothing was kept; do not trust it.',
  },
  chunk_foreign: {
    retryable: false,
    message: 'A part was changed, or is of another content or session. Nothing was kept as good.',
  },
  chunk_cut: {
    retryable: false,
    message: 'A part is shorter than it was sealed. Ask for the content to be shared again.',
  },
  chunk_extended: {
    retryable: false,
    message: 'A part is longer than it was sealed. Ask for the content to be shared again.',
  },
  content_mixed: {
    retryable: false,
    message: 'Its parts are of more than one attempt to send it. Ask for it to be shared again.',
  },
  root_changed: {
    retryable: false,
    message: 'It became another content while it was being fetched. Look at it, and save it again.',
  },
  manifest_rolled_back: {
    retryable: false,
    message: 'The server gave an older description than before. Do not trust it; ask who runs it.',
  },
  iterations_refused: {
    retryable: false,
    message: 'The server asks for a weaker or slower key than is allowed. Do not join there.',
  },
  chunk_conflict: {
    retryable: false,
    message: 'Other bytes of this file are stored already. Share it again.',
  },
  content_not_found: { retryable: false, message: 'The content was removed from the session.' },
  already_saving: { retryable: false, message: 'This content is being saved already.' },
  upload_removed: {
    retryable: false,
    message:
      'It was removed from the session before all of it was sent. Share it again if need be.',
  },
  file_changed: {
    retryable: false,
    message: 'The file was changed or moved while it was being sent. Share it again.',
  },
  file_other: {
    retryable: false,
    message: 'This is another file than the one that was being sent. Choose that one.',
  },
  file_unreadable: {
    retryable: false,
    message: 'This cannot be read: it is gone, a folder, or not yours to read.',
  },
  folder_empty: { retryable: false, message: 'There is no file in this folder.' },
  folder_too_many: {
    retryable: false,
    message: 'The folder has more than 5,000 files. Make an archive of it, or use the terminal.',
  },
  path_too_long: {
    retryable: false,
    message: 'Its path in the folder is too long. Share it from a folder further inside.',
  },
  zip_too_many: {
    retryable: false,
    message: 'A zip of so many files can only be made with the terminal: sharethings get --zip.',
  },
  file_too_large: {
    retryable: false,
    message: 'The file is larger than a session takes. Split it and share the parts.',
  },
  text_too_large: {
    retryable: false,
    message: 'The text is too large to be shown. Save it as a file.',
  },
  save_unsupported: {
    retryable: false,
    message: 'This browser can save only small contents. Use a newer browser or the terminal.',
  },
  save_failed: {
    retryable: false,
    message: 'The content could not be written to the disk. Make space on it and save again.',
  },
  save_stopped: {
    retryable: false,
    message: 'The browser ended the download. Save it again, and look whether the disk is full.',
  },
  name_refused: {
    retryable: false,
    message: 'A session name has 1 to 255 bytes. Choose another one.',
  },
  insecure: {
    retryable: false,
    message: 'Encryption needs https:// (or localhost). Ask the operator for the secure address.',
  },
  page_incomplete: {
    retryable: false,
    message: 'A part of this page did not load. The server may have a newer one: reload the page.',
  },
  unexpected: { retryable: false, message: 'The page met a fault of its own. Reload the page.' },
} as const;

/** A code that this side makes; `unexpected` stands for a fault of the page itself. */
export type OwnCode = keyof typeof OWN;

/** All codes of this side, for the catalogue's test. */
export const OWN_CODES: readonly string[] = Object.keys(OWN);

interface Details {
  readonly retryAfterSeconds?: number | null;
  readonly limitBytes?: number | null;
  readonly availableBytes?: number | null;
  readonly cause?: unknown;
}

/** The one failure that leaves this client's modules; `code` selects the member's sentence. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly code: string;
  readonly retryable: boolean;
  /** Seconds that the server asks to wait for, or null. */
  readonly retryAfterSeconds: number | null;
  /** How much there may be in all and how much of it is left, with codes about sizes; or null. */
  readonly limitBytes: number | null;
  readonly availableBytes: number | null;

  constructor(code: string, message: string, retryable: boolean, details: Details = {}) {
    super(message, details.cause === undefined ? {} : { cause: details.cause });
    this.code = code;
    this.retryable = retryable;
    this.retryAfterSeconds = details.retryAfterSeconds ?? null;
    this.limitBytes = details.limitBytes ?? null;
    this.availableBytes = details.availableBytes ?? null;
  }
}

/** Make a failure of this side. */
export function ownProblem(code: OwnCode, cause?: unknown): ProblemError {
  const { message, retryable } = OWN[code];
  return new ProblemError(code, message, retryable, { cause });
}

/** Turn the server's failure into the error of its code. */
export function problemOf(failure: Failure): ProblemError {
  return new ProblemError(failure.code, failure.message, failure.retryable, {
    retryAfterSeconds: failure.retry_after_seconds,
    limitBytes: failure.limit_bytes,
    availableBytes: failure.available_bytes,
  });
}

/** Whatever was thrown, as a ProblemError. */
export function asProblem(thrown: unknown): ProblemError {
  if (thrown instanceof ProblemError) return thrown;
  if (thrown instanceof DecodeError) return ownProblem('bad_answer', thrown);
  if (thrown instanceof DOMException && thrown.name === 'AbortError') {
    return ownProblem('cancelled', thrown);
  }
  return ownProblem('unexpected', thrown);
}
