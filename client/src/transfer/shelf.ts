/**
 * What this browser keeps of unfinished uploads over reloads (IndexedDB): sealed bytes under names
 * that say nothing. The newest write of a place counts; what nobody came back for goes by itself.
 */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb';

type Bytes = Uint8Array<ArrayBuffer>;

interface Schema extends DBSchema {
  /** One row an upload: [place, id]. */
  uploads: { key: [string, string]; value: { readonly sealed: Bytes; readonly keptAt: number } };
  /** What is kept of its chunks: [place, id, index]. */
  chunks: { key: [string, string, number]; value: Bytes };
}

const NAME = 'uploads';
const VERSION = 1;
/** The server has given up an upload long before. */
const KEPT_MS = 7 * 24 * 3600 * 1000;
/** After every index. */
const LAST = Number.POSITIVE_INFINITY;

function chunksOf(place: string, id: string): IDBKeyRange {
  return IDBKeyRange.bound([place, id, 0], [place, id, LAST]);
}

export class Shelf {
  readonly #database: IDBPDatabase<Schema>;

  private constructor(database: IDBPDatabase<Schema>) {
    this.#database = database;
  }

  /** Open it, and let go what is older than a week at `nowMs`. Rejects where there is none. */
  static async open(nowMs: number): Promise<Shelf> {
    const database = await openDB<Schema>(NAME, VERSION, {
      upgrade: (fresh) => {
        fresh.createObjectStore('uploads');
        fresh.createObjectStore('chunks');
      },
    });
    const shelf = new Shelf(database);
    for (const [place, id] of await database.getAllKeys('uploads')) {
      const row = await database.get('uploads', [place, id]);
      if (row !== undefined && row.keptAt < nowMs - KEPT_MS) await shelf.remove(place, id);
    }
    return shelf;
  }

  async put(place: string, id: string, sealed: Bytes, keptAt: number): Promise<void> {
    await this.#database.put('uploads', { sealed, keptAt }, [place, id]);
  }

  /** Keep what there is of a chunk, unless its upload was removed meanwhile. */
  async putChunk(place: string, id: string, index: number, sealed: Bytes): Promise<void> {
    const both = this.#database.transaction(['uploads', 'chunks'], 'readwrite');
    const isKept = (await both.objectStore('uploads').getKey([place, id])) !== undefined;
    if (isKept) await both.objectStore('chunks').put(sealed, [place, id, index]);
    await both.done;
  }

  /** What is kept of an upload; null when it was removed. */
  async get(place: string, id: string): Promise<Bytes | null> {
    return (await this.#database.get('uploads', [place, id]))?.sealed ?? null;
  }

  /** The ids of the uploads of a place. */
  async uploads(place: string): Promise<readonly string[]> {
    const range = IDBKeyRange.bound([place], [place, []]);
    return (await this.#database.getAllKeys('uploads', range)).map(([, id]) => id);
  }

  /** What is kept of the chunks of an upload: their indexes, and the bytes. */
  async chunks(place: string, id: string): Promise<readonly (readonly [number, Bytes])[]> {
    const range = chunksOf(place, id);
    const both = this.#database.transaction('chunks');
    const [keys, values] = await Promise.all([
      both.store.getAllKeys(range),
      both.store.getAll(range),
    ]);
    return keys.flatMap(([, , index], at) => {
      const sealed = values[at];
      return sealed === undefined ? [] : [[index, sealed] as const];
    });
  }

  async remove(place: string, id: string): Promise<void> {
    const both = this.#database.transaction(['uploads', 'chunks'], 'readwrite');
    await Promise.all([
      both.objectStore('uploads').delete([place, id]),
      both.objectStore('chunks').delete(chunksOf(place, id)),
      both.done,
    ]);
  }

  close(): void {
    this.#database.close();
  }
}
