/** For tests: a browser whose dialog for saving gives a file at once. */
import { vi } from 'vitest';

/** What is written to the file goes to `write`. */
export function stubPicker(write: () => Promise<void>): void {
  const writable = { write, close: () => Promise.resolve(), abort: () => Promise.resolve() };
  const createWritable = () => Promise.resolve(writable);
  const showSaveFilePicker = () => Promise.resolve({ createWritable });
  vi.stubGlobal('window', { showSaveFilePicker });
  vi.stubGlobal('navigator', { userActivation: { isActive: true } });
}
