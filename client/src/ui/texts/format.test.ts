import { describe, expect, it } from 'vitest';

import { durationText, sizeText, whenText } from './format';

it.each([
  [0, '0 bytes'],
  [1, '1 byte'],
  [999, '999 bytes'],
  [1000, '1 kB'],
  [1_000_000, '1 MB'],
  [1_500_000, '1.5 MB'],
  [300_000_000, '300 MB'],
  [2_000_000_000, '2 GB'],
  [5e15, '5,000 TB'],
])('writes %d bytes', (bytes, text) => {
  expect(sizeText(bytes)).toBe(text);
});

it.each([
  [0, '1 second'],
  [0.4, '1 second'],
  [59, '59 seconds'],
  [60, '1 minute'],
  [61, '61 seconds'],
  [600, '10 minutes'],
  [629, '10 minutes'],
  [3600, '1 hour'],
  [3629, '1 hour'],
  [61 * 60, '61 minutes'],
  [86_400, '1 day'],
  [86_400 + 1799, '1 day'],
  [25 * 3600, '25 hours'],
  [7 * 86_400 + 29, '7 days'],
])('writes %d seconds', (seconds, text) => {
  expect(durationText(seconds)).toBe(text);
});

describe('a moment', () => {
  const now = Date.UTC(2026, 5, 1, 12);
  it.each([
    [0, 'now'],
    [-5000, 'now'],
    [60_000, '1 minute ago'],
    [3 * 3_600_000, '3 hours ago'],
  ])('%d ms ago', (ago, text) => {
    expect(whenText(now - ago, now)).toBe(text);
  });

  it('is a date after a day', () => {
    expect(whenText(Date.UTC(2026, 4, 20, 12), now)).toContain('2026');
  });
});
