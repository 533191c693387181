import { expect, it } from 'vitest';

import { discard } from './spent';

it('leaves nothing of what is discarded', () => {
  const whole = new Uint8Array(64);
  const part = whole.subarray(16);
  discard(part);
  expect([whole.byteLength, part.byteLength]).toEqual([0, 0]);
});
