/** Contents that are shown in the page: long texts, and previews of pictures. */
import { asProblem, ownProblem } from '../protocol/errors';
import { Places } from '../transfer/window';
import type { Fetching } from './fetching';
import type { PicturePreview } from './model';
import { readText } from './opening';
import { growsAs, PREVIEW_MAX_BYTES, sniffPicture } from './picture';

/** A text that is shown is held in memory several times over. */
const TEXT_MAX_BYTES = 16 * 1024 * 1024;

/** Pictures that are fetched at the same time: each is there sooner than if all were. */
const PREVIEWS_COUNT = 2;

/** What there is of a picture that is still being sent is shown this often. */
const PART_MS = 500;

type Parts = readonly Uint8Array<ArrayBuffer>[];

export class Reading {
  readonly #fetching: Fetching;
  readonly #running = new Map<AbortController, string>();
  readonly #previews = new Places(PREVIEWS_COUNT);

  constructor(fetching: Fetching) {
    this.#fetching = fetching;
  }

  /** Stop what is read of a content that is gone. */
  stop(contentId: string): void {
    for (const [control, id] of this.#running) if (id === contentId) control.abort();
  }

  stopAll(): void {
    for (const control of this.#running.keys()) control.abort();
  }

  async text(contentId: string): Promise<string> {
    const content = this.#fetching.content(contentId);
    if (content.text !== null) return content.text;
    if ((content.size ?? 0) > TEXT_MAX_BYTES) throw ownProblem('text_too_large');
    const parts = await this.#collect(contentId, TEXT_MAX_BYTES, () => true);
    if (parts === null) throw ownProblem('text_too_large');
    return readText(new Uint8Array(await new Blob([...parts]).arrayBuffer()));
  }

  /**
   * A checked picture as a blob URL; null when the first bytes are no allowed picture's. Of one
   * that is still being sent `onPart` gets what there is, chunk by chunk.
   */
  async preview(
    contentId: string,
    onPart: (part: PicturePreview) => void,
    signal?: AbortSignal,
  ): Promise<PicturePreview | null> {
    const content = this.#fetching.content(contentId);
    if ((content.size ?? 0) > PREVIEW_MAX_BYTES) return null;
    let isDueAt = 0;
    const accept = (parts: Parts) => {
      const type = typeOf(parts);
      const isArriving = this.#fetching.content(contentId).state === 'uploading';
      if (type !== null && isArriving && growsAs(type) && performance.now() >= isDueAt) {
        isDueAt = performance.now() + PART_MS;
        onPart(pictureOf(parts, type));
      }
      return type !== null;
    };
    const collect = () => this.#collect(contentId, PREVIEW_MAX_BYTES, accept, signal);
    // One that is still being sent may take long, and must not keep the others waiting.
    const parts = await (content.state === 'uploading' ? collect() : this.#previews.take(collect));
    const type = typeOf(parts ?? []);
    return parts === null || type === null ? null : pictureOf(parts, type);
  }

  /** Hold a whole small content; null when `accept` refuses what there is, or it is larger. */
  async #collect(
    contentId: string,
    maxBytes: number,
    accept: (parts: Parts) => boolean,
    signal?: AbortSignal,
  ): Promise<Parts | null> {
    const control = new AbortController();
    const stop = () => {
      control.abort();
    };
    if (signal?.aborted === true) stop();
    signal?.addEventListener('abort', stop);
    this.#running.set(control, contentId);
    const parts: Uint8Array<ArrayBuffer>[] = [];
    let length = 0;
    try {
      for await (const plain of this.#fetching.plain(contentId, control.signal)) {
        length += plain.byteLength;
        if (length > maxBytes) return null;
        parts.push(plain);
        if (!accept(parts)) return null;
      }
      return parts;
    } catch (thrown) {
      throw asProblem(thrown);
    } finally {
      signal?.removeEventListener('abort', stop);
      this.#running.delete(control);
    }
  }
}

function typeOf(parts: Parts): string | null {
  return parts[0] === undefined ? null : sniffPicture(parts[0]);
}

function pictureOf(parts: Parts, type: string): PicturePreview {
  const url = URL.createObjectURL(new Blob([...parts], { type }));
  return {
    url,
    release: () => {
      URL.revokeObjectURL(url);
    },
  };
}
