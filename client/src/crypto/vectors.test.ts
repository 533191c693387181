import { expect, it } from 'vitest';

import { runVectors } from '../../test/vectors';

it('reproduces every value and refuses every refusal of st1.json', async () => {
  expect(await runVectors()).toEqual({ run: 223, serverOnly: 12, failed: [] });
});
