/** For tests: uploads of a joined member, whose requests wait for the test's answer. */
import { afterAll, vi } from 'vitest';

import type { KeyPort } from '../crypto/port';
import { type Control, readAnswer } from '../protocol/control';
import type { Requests } from '../protocol/generated';
import type { Joined } from '../transfer/links';
import { Places } from '../transfer/window';
import { listContents } from './contents';
import { Sharing } from './sharing';
import { StateStore } from './state';
import { joinedKeys } from './testing';
import type { Locks } from './tab-locks';
import { Unfinished } from './unfinished';
import { Uploads } from './uploads';

/**
 * A control plane that notes what is asked and answers when the test says so; what was sent to its
 * end it completes by itself, as long as it `completes`.
 */
export class Held implements Control {
  completes = true;
  readonly asked: { readonly event: string; readonly contentId: string }[] = [];
  readonly blobIds: string[] = [];
  readonly manifests: string[] = [];
  readonly lifetimes: (number | undefined)[] = [];
  readonly #answers: { readonly id: string; readonly resolve: (answer: unknown) => void }[] = [];
  most = 0;

  readonly request = async <Event extends keyof Requests>(
    event: Event,
    body: Requests[Event]['request'],
  ): Promise<Requests[Event]['reply']> => {
    if (event === 'content:complete' && this.completes) return readAnswer(event, COMPLETED);
    const id = 'content_id' in body ? body.content_id : '';
    this.asked.push({ event, contentId: id });
    if ('manifest' in body) this.manifests.push(body.manifest);
    if ('blob_id' in body) {
      this.blobIds.push(body.blob_id);
      this.lifetimes.push(body.lifetime_seconds);
    }
    const answer = await new Promise<unknown>((resolve) => {
      this.#answers.push({ id, resolve });
      this.most = Math.max(this.most, this.#answers.length);
    });
    return readAnswer(event, answer);
  };

  /** Answer what was asked first, of all or of one content. */
  answer(answer: unknown, contentId?: string): void {
    const at = this.#answers.findIndex(({ id }) => contentId === undefined || id === contentId);
    this.#answers.splice(at, at < 0 ? 0 : 1)[0]?.resolve(answer);
  }

  /** Ids of what was to be shared, and of what was to be removed. */
  of(event: 'content:share' | 'content:remove'): string[] {
    return this.asked.filter((one) => one.event === event).map(({ contentId }) => contentId);
  }

  get ids(): string[] {
    return this.asked.map(({ contentId }) => contentId);
  }
}

/** The Web Locks of one browser, as far as the client uses them: exclusive, in order. */
export class TabLocks implements Locks {
  readonly #last = new Map<string, Promise<unknown>>();

  readonly request: Locks['request'] = async (name, wish, hold) => {
    const last = this.#last.get(name);
    if ('ifAvailable' in wish && last !== undefined) return hold(null);
    const held = (last ?? Promise.resolve()).then(() => {
      if ('signal' in wish) wish.signal.throwIfAborted();
      return hold({});
    });
    const over = held
      .catch(() => undefined)
      .then(() => {
        if (this.#last.get(name) === over) this.#last.delete(name);
      });
    this.#last.set(name, over);
    return held;
  };
}

export const BEGUN = { result: { revision: 1, state: 'uploading', missing: [[0, 0]] } };
export const COMPLETED = { result: { revision: 2 } };

/** Stands for `fetch`: no chunk is there, and each is taken. */
const takeChunks: typeof fetch = (_url, init) =>
  Promise.resolve(
    init?.method === 'PUT'
      ? Response.json({ stored_count: 1, stored_bytes: 1 }, { status: 201 })
      : new Response(new Uint8Array(0)),
  );

export interface Joiner {
  readonly keys: KeyPort;
  readonly sessionId: string;
}

/** A member of a new session, as long as the tests of a file run. */
export async function joinedMember(): Promise<Joiner> {
  const member = await joinedKeys();
  afterAll(() => {
    member.keys.close();
  });
  return member;
}

export function uploading(
  { keys, sessionId }: Joiner,
  deduplicates = true,
  locks: Locks = new TabLocks(),
) {
  vi.stubGlobal('document', { baseURI: 'http://localhost/' });
  vi.stubGlobal('fetch', takeChunks);
  const control = new Held();
  const lost = new AbortController().signal;
  const requests = new Places(1);
  const joined: Joined = { sessionId, control, requests, token: 'token', lost, over: lost };
  const state = new StateStore('garden', 'Ada');
  state.dispatch({ kind: 'link', link: { state: 'online' } });
  const policy = { idleSeconds: 0, contentsMax: 0, dropsOldest: false, deduplicates };
  state.dispatch({ kind: 'policy', policy });
  const lines = {
    joined: () => Promise.resolve(joined),
    drop: () => undefined,
    now: () => joined,
  };
  const unfinished = new Unfinished(keys, locks);
  const uploads = new Uploads(state, { keys, lines, unfinished, keptSeconds: 1800 });
  const sharing = new Sharing(state, uploads, () => Promise.resolve());
  return { control, state, uploads, sharing, unfinished, lines };
}

/** The page once more, with what it finds of earlier lives. */
export async function reloaded(member: Joiner, locks: TabLocks, deduplicates = true) {
  const tab = uploading(member, deduplicates, locks);
  await tab.uploads.interrupted.recall();
  const shown = () => listContents(tab.state.model.contents);
  const found = () => shown().filter(({ activity }) => activity.kind === 'interrupted');
  return { ...tab, shown, found };
}
