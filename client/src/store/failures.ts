/** What the failures of an upload mean for it. */

/** Other bytes stand where an equal file would be: somebody in the session put them there. */
export const CONFLICTS: ReadonlySet<string> = new Set(['content_conflict', 'chunk_conflict']);

/** Failures after which nothing of what was sent is of use; after others it goes on. */
export const FINAL: ReadonlySet<string> = new Set([
  ...CONFLICTS,
  'chunk_malformed',
  'content_not_found',
  'file_changed',
  'file_too_large',
  'invalid_request',
  'limit_reached',
  'quota_exceeded',
  'revision_conflict',
  'too_large',
]);
