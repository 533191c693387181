import { beforeEach, expect, it, vi } from 'vitest';

import { stubPicker } from '../transfer/testing-picker';
import { contentOf } from '../ui/testing-session';
import { StateStore } from './state';
import { Zips } from './zips';

type Bytes = Uint8Array<ArrayBuffer>;

const FILE = contentOf({ kind: 'file', name: 'a.bin', size: 2, state: 'complete' });
const KEY = 'folder';
const FULL = new DOMException('full', 'QuotaExceededError');

/** Save a zip file of one content through a disk that the browser gives. */
async function save(read: () => AsyncGenerator<Bytes>, write: () => Promise<void>) {
  stubPicker(write);
  const state = new StateStore('s', 'Ada');
  const zips = new Zips({ content: () => FILE, plain: read }, state);
  const saved = await zips.save(KEY, 'photos.zip', [FILE.contentId]);
  return { saved, zipping: state.model.zips.get(KEY) };
}

async function* whole(): AsyncGenerator<Bytes> {
  yield await Promise.resolve(Uint8Array.of(1));
  yield Uint8Array.of(2);
}

beforeEach(() => {
  vi.unstubAllGlobals();
});

it('is saved to the disk', async () => {
  const { saved, zipping } = await save(whole, () => Promise.resolve());
  expect(saved).toBe('disk');
  expect(zipping).toEqual({ activity: { kind: 'idle', isSaved: true }, file: null });
});

it('that the disk does not take is not the fault of the file that is read then', async () => {
  const endless = async function* (): AsyncGenerator<Bytes> {
    for (;;) yield await Promise.resolve(Uint8Array.of(1));
  };
  // The heads of the zip file and of the content are taken.
  const write = vi.fn(() => Promise.resolve());
  write.mockImplementation(() =>
    write.mock.calls.length > 4 ? Promise.reject(FULL) : Promise.resolve(),
  );
  const { saved, zipping } = await save(endless, write);
  expect(saved).toBeNull();
  expect(zipping).toMatchObject({ activity: { kind: 'failed' }, file: null });
});

it('names the file that cannot be read', async () => {
  const broken = async function* (): AsyncGenerator<Bytes> {
    yield await Promise.resolve(Uint8Array.of(1));
    throw new Error('damaged');
  };
  const { zipping } = await save(broken, () => Promise.resolve());
  expect(zipping).toMatchObject({ activity: { kind: 'failed' }, file: 'a.bin' });
});

it('is running until it is over', async () => {
  stubPicker(() => Promise.resolve());
  const state = new StateStore('s', 'Ada');
  let letGo: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (letGo = resolve));
  const read = async function* (): AsyncGenerator<Bytes> {
    await held;
    yield* whole();
  };
  const zips = new Zips({ content: () => FILE, plain: read }, state);
  const saving = zips.save(KEY, 'photos.zip', [FILE.contentId]);
  expect(zips.isRunning).toBe(true);
  letGo();
  await saving;
  expect(zips.isRunning).toBe(false);
});
