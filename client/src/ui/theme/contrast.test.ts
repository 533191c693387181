import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { contrast } from './contrast';
import { dark, light, type Palette } from './tokens';

const READ: readonly (readonly [keyof Palette, keyof Palette])[] = [
  ['ink', 'page'],
  ['ink', 'surface'],
  ['ink', 'sunken'],
  ['muted', 'page'],
  ['muted', 'surface'],
  ['muted', 'sunken'],
  ['accent', 'surface'],
  ['accent', 'page'],
  ['ink', 'accentSoft'],
  ['accent', 'accentSoft'],
  ['onAccent', 'accent'],
  ['danger', 'surface'],
  ['danger', 'dangerSoft'],
  ['ink', 'dangerSoft'],
  ['warning', 'surface'],
  ['warning', 'warningSoft'],
  ['ink', 'warningSoft'],
];

describe.each([
  ['light', light],
  ['dark', dark],
])('%s', (_name, palette) => {
  it.each(READ)('%s can be read on %s', (text, ground) => {
    expect(contrast(palette[text], palette[ground])).toBeGreaterThanOrEqual(4.5);
  });

  it('shows where a control ends', () => {
    expect(contrast(palette.control, palette.surface)).toBeGreaterThanOrEqual(3);
  });
});

it('is what docs/design.md says, pair by pair', () => {
  const said = readFileSync(join(import.meta.dirname, '../../../../docs/design.md'), 'utf-8');
  const rows = said.split('\n').filter((line) => /^\| \w+ on \w+ \|/.test(line));
  const computed = [...READ, ['control', 'surface'] as const].map(([text, ground]) => {
    const ratio = (palette: Palette) => contrast(palette[text], palette[ground]).toFixed(1);
    return `| ${text} on ${ground} | ${ratio(light)} | ${ratio(dark)} |`;
  });
  expect(rows).toEqual(computed);
});

it('agrees with the definition at its ends', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21);
  expect(contrast('#777777', '#777777')).toBe(1);
});
