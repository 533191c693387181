/** Sealed events: names, typing, receipts, signalling (protocol.md 7). */
import { type Bytes, concat, equal, u32, u64 } from './bytes';
import { CryptoError } from './errors';
import { aad, checkHeader, cipherOf, derive, header, open, seal, TAG_BYTES } from './keys';
import { type JsonObject, padJson, readObject } from './manifest';

const KIND_PASSING = 0x20;
const KIND_KEPT = 0x21;
const PAD_BYTES = 64;
const HEADER_BYTES = 28;

export interface OpenedEvent {
  readonly seq: number;
  readonly event: JsonObject;
}

/** Seals and opens the events of one member in one epoch. */
export class EventCipher {
  readonly #key: CryptoKey;
  readonly #sessionId: Bytes;
  readonly #memberId: Bytes;

  private constructor(key: CryptoKey, sessionId: Bytes, memberId: Bytes) {
    this.#key = key;
    this.#sessionId = sessionId;
    this.#memberId = memberId;
  }

  static async make(
    sessionKey: Bytes,
    sessionId: Bytes,
    epoch: number,
    memberId: Bytes,
  ): Promise<EventCipher> {
    const key = await cipherOf(await derive(sessionKey, 'event', sessionId, u32(epoch), memberId));
    return new EventCipher(key, sessionId, memberId);
  }

  #bound(kind: number, seq: Bytes): Bytes {
    return aad('E', kind, this.#sessionId, this.#memberId, seq);
  }

  /** Seal a JSON object in UTF-8; a seq is used once in a member's life. */
  async seal(seq: number, plain: Bytes, kept: boolean): Promise<Bytes> {
    const kind = kept ? KIND_KEPT : KIND_PASSING;
    const number = u64(seq);
    const padded = padJson(plain, PAD_BYTES);
    const bound = this.#bound(kind, number);
    const sealed = await seal(this.#key, concat(u32(0), number), padded, bound);
    return concat(header(kind), this.#memberId, number, new Uint8Array(sealed));
  }

  async open(event: Bytes): Promise<OpenedEvent> {
    checkHeader(event, [KIND_PASSING, KIND_KEPT], HEADER_BYTES + TAG_BYTES);
    if (!equal(event.subarray(4, 20), this.#memberId)) throw new CryptoError('format');
    const number = event.subarray(20, HEADER_BYTES);
    const bound = this.#bound(event[3] ?? 0, number);
    const plain = await open(
      this.#key,
      concat(u32(0), number),
      event.subarray(HEADER_BYTES),
      bound,
    );
    const seq = Number(new DataView(number.buffer, number.byteOffset, 8).getBigUint64(0));
    return { seq, event: readObject(new Uint8Array(plain)) };
  }
}
