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

it('agrees with the definition at its ends', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21);
  expect(contrast('#777777', '#777777')).toBe(1);
});
