import { afterEach, expect, it, vi } from 'vitest';

import { stubPicker } from '../transfer/testing-picker';
import { contentOf } from '../ui/testing-session';
import { Saves } from './saves';
import { StateStore } from './state';
import { TabLocks } from './testing-uploads';

const FILE = contentOf({ kind: 'file', name: 'a.bin', size: 2, state: 'complete' });

afterEach(() => {
  vi.unstubAllGlobals();
});

it('is running until it is over', async () => {
  stubPicker(() => Promise.resolve());
  let letGo: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (letGo = resolve));
  const plain = async function* () {
    await held;
    yield Uint8Array.of(1, 2);
  };
  const source = { content: () => FILE, plain, chunkSize: () => 16 };
  const saves = new Saves(
    source,
    new StateStore('s', 'Ada'),
    Promise.resolve(null),
    new TabLocks(),
  );
  const saving = saves.save(FILE.contentId);
  expect(saves.isRunning).toBe(true);
  letGo();
  expect(await saving).toBe('disk');
  expect(saves.isRunning).toBe(false);
});
