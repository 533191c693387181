/**
 * Sealed chunks of contents that are being saved, kept by the browser until the save is whole: a
 * reload or a killed tab goes on with those that are missing (docs/decisions/0022).
 *
 * Nothing is kept but what the server has too: ids and sealed bytes.
 */

/** Smaller contents are fetched again as soon as what is kept of them was looked for. */
const KEPT_FROM_BYTES = 4 * 1024 * 1024;
/** What nobody goes on with is removed after a week: 7 days in milliseconds. */
const KEPT_MS = 7 * 86_400_000;
/**
 * Bytes that wait for the storage. A network that is faster than it fetches what is skipped soon
 * enough again, and must not be held up (Chromium keeps about 80 MB/s).
 */
const WAITING_MAX_BYTES = 16 * 1024 * 1024;
const DATABASE = 'kept';

/** Of one content: chunks that need not be fetched again. */
export interface Kept {
  readonly get: (index: number) => Promise<Uint8Array<ArrayBuffer> | null>;
  /** Keep a chunk, if the storage keeps up; never rejects, and its bytes are not read afterwards. */
  readonly put: (index: number, sealed: Uint8Array<ArrayBuffer>) => Promise<void>;
}

/** What is kept of a content: so many plain bytes at most. */
export interface KeptPart {
  readonly contentId: string;
  readonly keptBytes: number;
}

interface Part {
  readonly sessionId: string;
  readonly contentId: string;
  readonly chunkSize: number;
  readonly begunAt: number;
}

export class KeptChunks {
  readonly #database: IDBDatabase;
  readonly #sessionId: string;

  private constructor(database: IDBDatabase, sessionId: string) {
    this.#database = database;
    this.#sessionId = sessionId;
  }

  /** Those of one session; null where this browser keeps nothing (some private windows). */
  static async open(sessionId: string): Promise<KeptChunks | null> {
    try {
      const request = indexedDB.open(DATABASE, 1);
      request.onupgradeneeded = () => {
        request.result.createObjectStore('parts');
        request.result.createObjectStore('chunks');
      };
      return new KeptChunks(await resultOf(request), sessionId);
    } catch {
      return null;
    }
  }

  /**
   * Begin to keep the chunks of a content, or go on with it; null for one that is small, and when
   * there is no room for it beside the file that is made of it.
   */
  async begin(contentId: string, size: number | null, chunkSize: number): Promise<Kept | null> {
    if (size !== null && size < KEPT_FROM_BYTES) return null;
    try {
      if (!(await this.#isBegun(contentId)) && !(await hasRoom(size ?? 0))) return null;
      const part: Part = { sessionId: this.#sessionId, contentId, chunkSize, begunAt: Date.now() };
      const writing = this.#database.transaction('parts', 'readwrite');
      writing.objectStore('parts').put(part, [this.#sessionId, contentId]);
      await doneOf(writing);
    } catch {
      return null;
    }
    // Browsers that ask the member for it may take long: nobody waits for the answer.
    void storage()
      .persist?.()
      .catch(() => false);
    let waitingBytes = 0;
    return {
      get: (index) => this.#get(contentId, index).catch(() => null),
      put: async (index, sealed) => {
        const { byteLength } = sealed;
        if (waitingBytes + byteLength > WAITING_MAX_BYTES) return;
        waitingBytes += byteLength;
        // Without room it is a save that does not outlive its tab: what there is of it goes.
        await this.#put(contentId, index, sealed).catch(() => this.forget(contentId));
        waitingBytes -= byteLength;
      },
    };
  }

  /** What is kept of the session's contents; what nobody went on with for long is removed. Never rejects. */
  async list(): Promise<readonly KeptPart[]> {
    return this.#list().catch(() => []);
  }

  async #list(): Promise<readonly KeptPart[]> {
    const reading = this.#database.transaction(['parts', 'chunks']);
    const found: unknown = await resultOf(reading.objectStore('parts').getAll());
    const parts = Array.isArray(found) ? found.filter(isPart) : [];
    const listed: KeptPart[] = [];
    for (const { sessionId, contentId, chunkSize, begunAt } of parts) {
      if (Date.now() - begunAt > KEPT_MS) {
        await this.#remove(sessionId, contentId);
      } else if (sessionId === this.#sessionId) {
        const counting = this.#database.transaction('chunks').objectStore('chunks');
        const count = await resultOf(counting.count(rangeOf(sessionId, contentId)));
        listed.push({ contentId, keptBytes: count * chunkSize });
      }
    }
    return listed;
  }

  /** Remove what is kept of a content; never rejects. */
  async forget(contentId: string): Promise<void> {
    await this.#remove(this.#sessionId, contentId).catch(() => undefined);
  }

  async #isBegun(contentId: string): Promise<boolean> {
    const parts = this.#database.transaction('parts').objectStore('parts');
    return (await resultOf(parts.count([this.#sessionId, contentId]))) > 0;
  }

  async #get(contentId: string, index: number): Promise<Uint8Array<ArrayBuffer> | null> {
    const chunks = this.#database.transaction('chunks').objectStore('chunks');
    const found: unknown = await resultOf(chunks.get([this.#sessionId, contentId, index]));
    return found instanceof ArrayBuffer ? new Uint8Array(found) : null;
  }

  async #put(contentId: string, index: number, sealed: Uint8Array<ArrayBuffer>): Promise<void> {
    const writing = this.#database.transaction(['parts', 'chunks'], 'readwrite');
    const isBegun = writing.objectStore('parts').count([this.#sessionId, contentId]);
    isBegun.onsuccess = () => {
      if (isBegun.result === 0) return; // it was forgotten meanwhile
      writing.objectStore('chunks').put(sealed.buffer, [this.#sessionId, contentId, index]);
    };
    await doneOf(writing);
  }

  async #remove(sessionId: string, contentId: string): Promise<void> {
    const writing = this.#database.transaction(['parts', 'chunks'], 'readwrite');
    writing.objectStore('parts').delete([sessionId, contentId]);
    writing.objectStore('chunks').delete(rangeOf(sessionId, contentId));
    await doneOf(writing);
  }
}

/** All chunks of a content: an array sorts behind every number (Indexed Database API 3.0, 2.4). */
function rangeOf(sessionId: string, contentId: string): IDBKeyRange {
  return IDBKeyRange.bound([sessionId, contentId], [sessionId, contentId, []]);
}

function isPart(value: unknown): value is Part {
  return typeof value === 'object' && value !== null && 'begunAt' in value;
}

/** What this browser tells of its storage: WebKitGTK nothing, older Safaris not how much it has. */
function storage(): Partial<StorageManager> {
  return 'storage' in navigator ? navigator.storage : {};
}

/**
 * Whether the chunks fit beside the file that is made of them: twice its size. Where no browser
 * says it, what does not fit is not written.
 */
async function hasRoom(size: number): Promise<boolean> {
  const { quota = Infinity, usage = 0 } = (await storage().estimate?.()) ?? {};
  return quota - usage >= 2 * size;
}

function resultOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('not read'));
  });
}

function doneOf(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    const fail = () => reject(transaction.error ?? new Error('not kept'));
    transaction.onerror = fail;
    transaction.onabort = fail;
  });
}
