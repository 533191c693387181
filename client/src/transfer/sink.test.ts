import { expect, it } from 'vitest';

import { MEMORY_SAVE_MAX_BYTES, sinkOrder } from './sink';

const ALL = { picker: true, gesture: true, serviceWorker: true, privateFiles: true };
const NONE = { picker: false, gesture: true, serviceWorker: false, privateFiles: false };

it('goes straight to a chosen file where it can', () => {
  expect(sinkOrder(ALL, 1)).toEqual(['picked', 'stream', 'private', 'memory']);
});

it('opens no dialog without a click', () => {
  expect(sinkOrder({ ...ALL, gesture: false }, 1)).toEqual(['stream', 'private', 'memory']);
});

it('holds only small contents of a known size in memory', () => {
  expect(sinkOrder(NONE, MEMORY_SAVE_MAX_BYTES - 1)).toEqual(['memory']);
  expect(sinkOrder(NONE, MEMORY_SAVE_MAX_BYTES)).toEqual([]);
  expect(sinkOrder(NONE, null)).toEqual([]);
  expect(sinkOrder(ALL, 10 * MEMORY_SAVE_MAX_BYTES)).not.toContain('memory');
});
