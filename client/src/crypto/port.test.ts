import { expose } from 'comlink';
import { expect, it, vi } from 'vitest';

import { Keeper } from './keeper';
import { keysBehind, KeysLostError } from './port';

function keysOn(keeper: Keeper | null) {
  const { port1, port2 } = new MessageChannel();
  if (keeper !== null) expose(keeper, port1);
  const end = vi.fn(() => {
    port1.close();
    port2.close();
  });
  return { keys: keysBehind(port2, end), end };
}

it('answers with what the keeper says, also its refusals', async () => {
  const { keys } = keysOn(new Keeper());
  expect(await keys.keeper.identify('0'.repeat(32), 'garden')).toMatch(/^[0-9a-f]{64}$/);
  await expect(keys.keeper.identify('0'.repeat(32), '')).rejects.toMatchObject({
    name: 'CryptoError',
  });
  keys.close();
});

it('fails what was never answered when it is closed, and all that is asked later', async () => {
  const { keys, end } = keysOn(null);
  const calls = [
    keys.keeper.identify('0'.repeat(32), 'garden'),
    keys.openChunk('0'.repeat(32), 0, true, 16_384, new Uint8Array(32)),
  ];
  keys.close();
  expect(end).toHaveBeenCalledOnce();
  for (const call of calls) await expect(call).rejects.toThrow(KeysLostError);
  await expect(keys.keeper.root([])).rejects.toThrow(KeysLostError);
});
