import { beforeAll, expect, it } from 'vitest';

import { startTexts } from './i18n';
import { joinProblemText, problemText } from './problem';

beforeAll(startTexts);

const QUOTA = { code: 'quota_exceeded', message: '', retryable: false };
const FULL = { code: 'storage_full', message: '', retryable: true };
const NUMBERS = { limitBytes: 12_000_000, availableBytes: 3_900_000 };

it.each([
  [{ ...QUOTA, ...NUMBERS }, /^This session has room for 3.9 MB more, of 12 MB in all/],
  [{ ...QUOTA, ...NUMBERS, retryAfterSeconds: 7200 }, /^Your address may send 3.9 MB more, of 12/],
  [{ ...FULL, availableBytes: 0, retryAfterSeconds: 10 }, /too little space: 0 bytes left/],
  [QUOTA, /^It does not fit into what this session/],
  [FULL, /^The server's disk is full/],
  [{ code: 'newer', message: 'Something newer.', retryable: false }, /^Something newer\.$/],
])('tells where room is short, and how much there is (%o)', (problem, sentence) => {
  expect(problemText(problem)).toMatch(sentence);
});

it('tells a full session by what it is full of', () => {
  const problem = { code: 'limit_reached', message: '', retryable: false };
  expect(problemText(problem)).toContain('as many contents');
  expect(joinProblemText(problem)).toContain('as many members');
});
