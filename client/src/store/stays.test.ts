import { expect, it } from 'vitest';

import { staysOf } from './stays';

const DAY = 86_400;

it('offers everything where there is no cap', () => {
  expect(staysOf(DAY, 0)).toEqual({
    choices: [600, 3600, DAY, 7 * DAY, 30 * DAY, 0],
    usual: DAY,
    most: null,
  });
});

it('offers nothing beyond the cap', () => {
  expect(staysOf(DAY, 7 * DAY).choices).toEqual([600, 3600, DAY, 7 * DAY]);
  expect(staysOf(DAY, 3600)).toEqual({ choices: [600, 3600], usual: 3600, most: 3600 });
  expect(staysOf(0, DAY)).toEqual({ choices: [600, 3600, DAY], usual: DAY, most: DAY });
});

it("has the server's own choice among them", () => {
  expect(staysOf(7200, 0).choices).toEqual([600, 3600, 7200, DAY, 7 * DAY, 30 * DAY, 0]);
});
