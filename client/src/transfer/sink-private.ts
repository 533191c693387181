/** Saving by way of the origin's private file system, where nothing can be streamed. */
import { ownProblem } from '../protocol/errors';
import { offerDownload } from './offer';
import type { SaveTarget, Sink } from './sink';
import { writableSink } from './sink-writable';

const FOLDER = 'saving';

async function savingFolder(): Promise<FileSystemDirectoryHandle> {
  const root = await navigator.storage.getDirectory();
  return root.getDirectoryHandle(FOLDER, { create: true });
}

/** Open a file of the page's own; null where there is no such storage (private windows). */
export async function openPrivateSink(target: SaveTarget): Promise<Sink | null> {
  const part = crypto.randomUUID();
  try {
    const folder = await savingFolder();
    const handle = await folder.getFileHandle(part, { create: true });
    const file = writableSink(await handle.createWritable());
    const forget = () => folder.removeEntry(part).catch(() => undefined);
    return {
      write: file.write,
      close: async () => {
        await file.close();
        const saved = await handle.getFile().catch((cause: unknown) => {
          throw ownProblem('save_failed', cause);
        });
        offerDownload(saved, target.name, () => void forget());
      },
      abort: async () => {
        await file.abort();
        await forget();
      },
    };
  } catch {
    return null;
  }
}
