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

function components(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return components(path);
    return path.endsWith('.tsx') && !path.endsWith('.test.tsx') ? [path] : [];
  });
}

it('holds every text: components have none of their own', () => {
  const literal = />\s*[A-Za-z][a-z]+[^<>{}=;]*</;
  const attribute = /(?:aria-label|title|placeholder|alt)="[^"]*[a-z]/;
  const found = components(join(import.meta.dirname, '..')).filter((path) => {
    const source = readFileSync(path, 'utf-8').replaceAll(/=>[^\n]*/g, '');
    return literal.test(source) || attribute.test(source);
  });
  expect(found).toEqual([]);
});
