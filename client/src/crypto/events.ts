/** The sealed events of one session: this member's own and those of the others (protocol.md 7). */
import { type Bytes, base64url, fromBase64url, fromHex, utf8 } from './bytes';
import { EventCipher } from './event';
import type { JsonObject } from './manifest';

/** Seals as one member on one connection; opens what any member sealed. */
export class Events {
  readonly #cipherOf: (memberId: string) => Promise<EventCipher>;
  readonly #mine: EventCipher;
  #seq = 0;
  readonly #others = new Map<string, EventCipher>();

  private constructor(cipherOf: (memberId: string) => Promise<EventCipher>, mine: EventCipher) {
    this.#cipherOf = cipherOf;
    this.#mine = mine;
  }

  static async make(
    session: { readonly key: Bytes; readonly id: Bytes; readonly epoch: number },
    memberId: string,
  ): Promise<Events> {
    const cipherOf = (id: string) =>
      EventCipher.make(session.key, session.id, session.epoch, fromHex(id));
    return new Events(cipherOf, await cipherOf(memberId));
  }

  async seal(event: JsonObject, kept: boolean): Promise<string> {
    const seq = this.#seq;
    this.#seq += 1;
    return base64url(await this.#mine.seal(seq, utf8(JSON.stringify(event)), kept));
  }

  async open(memberId: string, sealed: string) {
    let cipher = this.#others.get(memberId);
    if (cipher === undefined) {
      cipher = await this.#cipherOf(memberId);
      this.#others.set(memberId, cipher);
    }
    return cipher.open(fromBase64url(sealed));
  }
}
