/** For tests: a member of a session on a hostile server, by the browser's own ways. */
import { expose } from 'comlink';

import { base64url, type Bytes } from '../crypto/bytes';
import { Keeper } from '../crypto/keeper';
import { type KeyPort, keysBehind } from '../crypto/port';
import { decodeAnnounced } from '../protocol/control';
import { Places, REQUESTS_COUNT } from '../transfer/window';
import { Entering } from './entrance';
import { Fetching } from './fetching';
import { Inbox } from './inbox';
import { Listing } from './listing';
import { writeManifest } from './manifest';
import type { ContentKind } from './model';
import { Opener } from './opening';
import { StateStore } from './state';
import type { Hostile } from './testing-hostile';
import { type Answer, CHUNK_SIZE, type Film } from './testing-lies';

const REALM = '0'.repeat(32);
const PASSPHRASE = 'correct horse battery staple';

/** A member of the session on such a server, by the browser's own way in. */
export class Member {
  readonly #keys: KeyPort;
  readonly #opener: Opener;
  readonly #hostile: Hostile;
  readonly #sessionId: string;
  readonly #entering: Entering;
  #state = new StateStore('garden', 'Ada');
  #listing: Listing;

  private constructor(hostile: Hostile, keys: KeyPort, sessionId: string) {
    this.#hostile = hostile;
    this.#keys = keys;
    this.#sessionId = sessionId;
    this.#opener = new Opener(keys);
    this.#listing = new Listing(this.#state, this.#opener, () => undefined);
    this.#entering = this.newcomer();
  }

  static async of(hostile: Hostile): Promise<Member> {
    const { port1, port2 } = new MessageChannel();
    expose(new Keeper(), port1);
    const keys = keysBehind(port2, () => {
      port1.close();
      port2.close();
    });
    const member = new Member(hostile, keys, await keys.keeper.identify(REALM, 'garden'));
    await member.enter();
    return member;
  }

  close(): void {
    this.#keys.close();
  }

  /** Somebody who has the passphrase, and no keys in hand but this member's. */
  newcomer(): Entering {
    const policy = { idleSeconds: null, contentsMax: 0, dropsOldest: false };
    const options = { sessionId: this.#sessionId, create: true, policy, onPhase: () => undefined };
    const listing = new Listing(this.#state, this.#opener, () => undefined);
    const entering = new Entering(this.#keys, this.#state, listing, options);
    entering.learn(PASSPHRASE);
    return entering;
  }

  /** Join, or join again. */
  async enter(entering: Entering = this.#entering): Promise<void> {
    const inbox = new Inbox(() => undefined, new AbortController().signal);
    await entering.enter({ control: this.#hostile.control, inbox });
  }

  /** Begin anew, as somebody who has seen nothing yet, or `isHonest`ly all there is. */
  async look(isHonest: boolean): Promise<void> {
    this.#state = new StateStore('garden', 'Ada');
    this.#listing = new Listing(this.#state, this.#opener, () => undefined);
    if (!isHonest) return;
    const { lie } = this.#hostile;
    this.#hostile.lie = null;
    await this.list();
    this.#hostile.lie = lie;
  }

  /** Ask what there is. */
  list(): Promise<void> {
    return this.#listing.catchUp(this.#hostile.control);
  }

  /** Be told of each content as it is now, and of what follows: all one chain of revisions. */
  async hear(): Promise<void> {
    for (const content of this.#hostile.listed()) await this.#told('content:changed', { content });
    await this.#told('member:left', { member_id: 'f'.repeat(32) });
  }

  async #told(event: string, body: Answer): Promise<void> {
    const revision = this.#state.model.revision + 1;
    const announced = decodeAnnounced(event, { ...body, revision });
    if (announced === null) throw new Error('no announcement');
    const faults: unknown[] = [];
    const inbox = new Inbox((fault) => faults.push(fault), new AbortController().signal);
    await inbox.add(() => this.#listing.hear(this.#hostile.control, announced));
    if (faults.length > 0) throw faults[0];
    if (this.#state.model.revision !== revision) throw new Error('the chain is broken');
  }

  /** What is wrong with a content that is listed; null for nothing. */
  problem(contentId: string): string | null {
    const item = this.#state.model.contents.items.get(contentId);
    return item?.kind === 'unreadable' ? item.unreadable.problem.code : null;
  }

  /** Read a content to the end or its refusal; `onPiece` is given what comes out. */
  async read(contentId: string, onPiece: (piece: Bytes) => void): Promise<void> {
    const lost = new AbortController().signal;
    const { control } = this.#hostile;
    const requests = new Places(REQUESTS_COUNT);
    const joined = {
      sessionId: this.#sessionId,
      control,
      token: 'token',
      requests,
      lost,
      over: lost,
    };
    const lines = {
      joined: () => Promise.resolve(joined),
      drop: () => undefined,
      now: () => joined,
    };
    const fetching = new Fetching(this.#keys, lines, this.#state);
    for await (const piece of fetching.plain(contentId, lost)) onPiece(piece);
  }

  /** Share a content of full chunks, or a small text of one. */
  async share(contentId: string, kind: ContentKind, plain: Bytes): Promise<Film> {
    const { keeper, sealChunk } = this.#keys;
    const { contentBox, blobId } = await keeper.newContent(contentId);
    const chunkCount = Math.ceil(plain.byteLength / CHUNK_SIZE);
    const seal = async (index: number) => {
      const piece = plain.slice(index * CHUNK_SIZE, (index + 1) * CHUNK_SIZE);
      return sealChunk(contentId, index, index === chunkCount - 1, CHUNK_SIZE, piece);
    };
    const indexes = Array.from({ length: chunkCount }, (_, index) => index);
    const sealed = await Promise.all(indexes.map(seal));
    const again = await Promise.all(indexes.map(seal));
    const root = await keeper.root(sealed.map(({ digest }) => digest));
    const said = { kind, name: contentId, mime: 'text/plain', senderName: 'Ada', createdAt: 5 };
    const size = plain.byteLength;
    const beside = { thumb: null, folder: null };
    const described = { ...said, ...beside, size, chunkSize: CHUNK_SIZE, chunkCount };
    const row = {
      content_id: contentId,
      blob_id: blobId,
      position: this.#hostile.rows.size + 1,
      revision: 1,
      state: 'complete',
      chunk_size: CHUNK_SIZE,
      created_at: 5,
      content_box: contentBox,
      manifest: await keeper.sealManifest(contentId, 2, writeManifest(described, root)),
      ...(kind === 'text' ? { chunk: base64url(sealed[0]?.bytes ?? new Uint8Array()) } : {}),
    };
    const chunks = sealed.map(({ bytes }) => bytes);
    for (const [index, chunk] of chunks.entries()) {
      this.#hostile.chunks.set(`${contentId} ${String(index)}`, chunk);
    }
    this.#hostile.rows.set(contentId, row);
    const firstManifest = await keeper.sealManifest(contentId, 1, writeManifest(described));
    const others = again.map(({ bytes }) => bytes);
    const stream = { ...writeManifest(described), size: undefined, chunks: undefined };
    const streamed = await keeper.sealManifest(contentId, 1, stream);
    return { contentId, row, plain, firstManifest, streamed, chunks, again: others };
  }
}
