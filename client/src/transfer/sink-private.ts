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

/** Held by the page that saves into a file; browsers give it up with the page. */
function lockOf(part: string): string {
  return `saving ${part}`;
}

/** Hold a lock; gives what ends that. */
function hold(name: string): () => void {
  let end: () => void = () => undefined;
  void navigator.locks.request(
    name,
    () =>
      new Promise<void>((resolve) => {
        end = resolve;
      }),
  );
  return () => {
    end();
  };
}

/** Remove the files of pages that ended in the middle; never rejects. */
export async function sweepPrivateFiles(): Promise<void> {
  try {
    const folder = await savingFolder();
    for await (const part of folder.keys()) {
      await navigator.locks.request(lockOf(part), { ifAvailable: true }, async (lock) => {
        if (lock !== null) await folder.removeEntry(part);
      });
    }
  } catch {
    // Without such storage nothing was left in it.
  }
}

/** Open a file of the page's own; null where there is no such storage (private windows). */
export async function openPrivateSink(target: SaveTarget): Promise<Sink | null> {
  const part = crypto.randomUUID();
  const release = hold(lockOf(part));
  try {
    const folder = await savingFolder();
    const handle = await folder.getFileHandle(part, { create: true });
    const file = writableSink(await handle.createWritable());
    const forget = () =>
      folder
        .removeEntry(part)
        .catch(() => undefined)
        .finally(release);
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
    release();
    return null;
  }
}
