/** The sentence for a failure: the catalogue's, else the one that came with it. */
import type { Problem } from '../../store/model';
import { en } from './en';
import { sizeText } from './format';
import { i18n } from './i18n';

function isKnown(code: string): code is keyof typeof en.errors {
  return Object.hasOwn(en.errors, code);
}

export function problemText(problem: Problem): string {
  const numbered = roomText(problem);
  if (numbered !== null) return numbered;
  return isKnown(problem.code) ? i18n.t(`errors.${problem.code}`) : problem.message;
}

/** Where there is too little room and how much; null when the failure came without numbers. */
function roomText(problem: Problem): string | null {
  const { code, limitBytes = null, availableBytes = null, retryAfterSeconds = null } = problem;
  if (availableBytes === null) return null;
  const available = sizeText(availableBytes);
  if (code === 'storage_full') return i18n.t('room.disk', { available });
  if (code !== 'quota_exceeded' || limitBytes === null) return null;
  const values = { available, limit: sizeText(limitBytes) };
  // Only what was sent in a day comes free by waiting.
  return retryAfterSeconds === null ? i18n.t('room.session', values) : i18n.t('room.day', values);
}

/** The sentence for a join that failed. */
export function joinProblemText(problem: Problem): string {
  return problem.code === 'limit_reached' ? i18n.t('join.full') : problemText(problem);
}

/** What was thrown, as a problem: the store throws nothing else. */
export function problemOf(thrown: unknown): Problem {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'internal';
  return { code, message, retryable: false };
}
