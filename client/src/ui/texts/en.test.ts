import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { OWN_CODES } from '../../protocol/errors';
import { ERRORS } from '../../protocol/generated';
import { en } from './en';

it('has a sentence for every code of the server and of this side, and no other', () => {
  const codes = new Set([...Object.keys(ERRORS), ...OWN_CODES]);
  expect(Object.keys(en.errors).toSorted()).toEqual([...codes].toSorted());
});

it('ends every sentence for a failure with a full stop', () => {
  for (const sentence of Object.values(en.errors)) expect(sentence).toMatch(/\.$/);
});

const UI = join(import.meta.dirname, '..');

function sources(folder: string, suffix: RegExp): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path, suffix);
    return suffix.test(path) && !/\.test\.tsx?$/.test(path) ? [path] : [];
  });
}

it('holds every text: components have none of their own', () => {
  const literal = />\s*[A-Za-z][a-z]+[^<>{}=;]*</;
  const attribute = /(?:aria-label|title|placeholder|alt)="[^"]*[a-z]/;
  const found = sources(UI, /\.tsx$/).filter((path) => {
    const source = readFileSync(path, 'utf-8').replaceAll(/=>[^\n]*/g, '');
    return literal.test(source) || attribute.test(source);
  });
  expect(found).toEqual([]);
});

it('holds no text that nothing shows', () => {
  const shown = sources(UI, /\.tsx?$/)
    .map((path) => readFileSync(path, 'utf-8'))
    .join('');
  // Put together from a state of the model: the phase of a join, the link, the activity.
  const made =
    /^(?:join\.(?:asking|deriving|joining)|contents\.(?:reading|sending|saving|paused))$/;
  const keys = Object.entries({ ...en, errors: {} }).flatMap(([at, texts]) =>
    Object.keys(texts).map((key) => `${at}.${key.replace(/_(?:one|other)$/, '')}`),
  );
  expect(keys.filter((key) => !made.test(key) && !shown.includes(`'${key}'`))).toEqual([]);
});
