/** The sentence for a failure: the catalogue's, else the one that came with it. */
import type { Problem } from '../../store/model';
import { en } from './en';
import { i18n } from './i18n';

function isKnown(code: string): code is keyof typeof en.errors {
  return Object.hasOwn(en.errors, code);
}

export function problemText(problem: Problem): string {
  return isKnown(problem.code) ? i18n.t(`errors.${problem.code}`) : problem.message;
}

/** What was thrown, as a problem: the store throws nothing else. */
export function problemOf(thrown: unknown): Problem {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'internal';
  return { code, message, retryable: false };
}
