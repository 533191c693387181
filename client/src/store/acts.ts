/** What a member can do in an open session: each act once, on the parts of the store. */
import type { KeyPort } from '../crypto/port';
import type { Requests } from '../protocol/generated';
import { asProblem, ownProblem } from '../protocol/errors';
import { persist } from '../transfer/links';
import type { Connection } from './connection';
import { listContents } from './contents';
import { draftText } from './drafting';
import type { Listing } from './listing';
import type { Session } from './model';
import type { Reading } from './reading';
import type { Saves } from './saves';
import type { Sharing } from './sharing';
import type { StateStore } from './state';
import type { Uploads } from './uploads';
import type { Zips } from './zips';

export interface Parts {
  readonly keys: KeyPort;
  readonly state: StateStore;
  readonly listing: Listing;
  readonly connection: Connection;
  readonly uploads: Uploads;
  readonly sharing: Sharing;
  readonly reading: Reading;
  readonly saves: Saves;
  readonly zips: Zips;
}

/** Do `act` while the session is open; let nothing but a ProblemError out. */
async function problems<T>({ connection }: Parts, act: () => Promise<T> | T): Promise<T> {
  try {
    connection.assertOpen();
    return await act();
  } catch (thrown) {
    throw asProblem(thrown);
  }
}

type Plain = 'content:rename' | 'content:pin' | 'content:remove' | 'content:clear';

class Acts {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async ask<Event extends Plain>(event: Event, body: Requests[Event]['request']): Promise<void> {
    await this.#parts.connection.now().control.request(event, body);
  }

  shareText(text: string): void {
    const { state, uploads } = this.#parts;
    uploads.start(draftText(text, state.model.memberName));
  }

  #isOnServer(contentId: string): boolean {
    const item = this.#parts.state.model.contents.items.get(contentId);
    if (item === undefined) throw ownProblem('content_not_found');
    return item.kind === 'unreadable' || item.source !== null;
  }

  /** Stop sending or saving; what was being sent is removed, and what is kept of a save. */
  cancel(contentId: string): void {
    const { uploads, saves } = this.#parts;
    saves.stop(contentId, false);
    uploads.cancel(contentId);
  }

  async remove(contentId: string): Promise<void> {
    const { uploads, saves, reading, state } = this.#parts;
    if (!this.#isOnServer(contentId) || state.model.contents.removed.has(contentId)) {
      this.cancel(contentId);
      uploads.forget(contentId);
      return;
    }
    await this.ask('content:remove', { content_id: contentId });
    uploads.stop(contentId);
    saves.stop(contentId, true);
    reading.stop(contentId);
    uploads.forget(contentId);
  }

  /** Remove all; what this member was sending is not kept to be shared again. */
  async clear(): Promise<void> {
    const { uploads, state } = this.#parts;
    const begun = listContents(state.model.contents).filter(
      (content) => content.revision > 0 && content.mine && content.state === 'uploading',
    );
    await this.ask('content:clear', {});
    for (const { contentId } of begun) {
      uploads.stop(contentId);
      uploads.forget(contentId);
    }
  }

  /** Seal the manifest anew under another name; what it says beside that stays. */
  async rename(contentId: string, name: string): Promise<void> {
    const { state, keys } = this.#parts;
    const item = state.model.contents.items.get(contentId);
    if (item === undefined) throw ownProblem('content_not_found');
    if (item.kind === 'unreadable' || item.source === null || 'problem' in item.source.opened) {
      throw ownProblem('content_damaged');
    }
    const { manifest, manifestRevision } = item.source.opened;
    const members = { ...manifest.members, name };
    const sealed = await keys.keeper.sealManifest(contentId, manifestRevision + 1, members);
    await this.ask('content:rename', { content_id: contentId, manifest: sealed });
  }

  /** Over lost connections, until the session is left. */
  async loadOlder(): Promise<void> {
    const { connection, listing } = this.#parts;
    const { signal } = new AbortController();
    const ignore = () => undefined; // the page says that there is no connection
    await persist(connection, signal, ignore, ({ control }) => listing.loadOlder(control));
  }

  leave(): Promise<void> {
    const { uploads, saves, zips, reading, connection, keys, state } = this.#parts;
    const unfinished = uploads.stopAll(state.model.link.state === 'ended');
    saves.stopAll();
    zips.stopAll();
    reading.stopAll();
    keys.close();
    connection.leave(unfinished);
    return Promise.resolve();
  }
}

/** The session as the pages hold it. */
export function sessionOf(parts: Parts): Session {
  const { state, uploads, sharing, reading, saves, zips } = parts;
  const acts = new Acts(parts);
  const act = <T>(one: () => Promise<T> | T): Promise<T> => problems(parts, one);
  return {
    subscribe: state.subscribe,
    getState: state.getState,
    shareText: (text) =>
      act(() => {
        acts.shareText(text);
      }),
    shareFiles: (files) => act(() => sharing.share(files)),
    shareFolder: (folder) => act(() => sharing.shareFolder(folder)),
    keepFor: (seconds) => {
      state.dispatch({ kind: 'lifetime', seconds });
    },
    cancel: (contentId) => {
      acts.cancel(contentId);
    },
    pause: (contentId) => {
      uploads.pause(contentId);
    },
    goOn: (contentId) => {
      uploads.goOn(contentId);
    },
    resume: (files, contentId) => act(() => uploads.interrupted.resume(files, contentId ?? null)),
    shareAgain: (contentId) =>
      act(() => {
        uploads.again(contentId);
      }),
    rename: (contentId, name) => act(() => acts.rename(contentId, name)),
    pin: (contentId, pinned) =>
      act(() => acts.ask('content:pin', { content_id: contentId, pinned })),
    remove: (contentId) => act(() => acts.remove(contentId)),
    clear: () => act(() => acts.clear()),
    loadOlder: () => act(() => acts.loadOlder()),
    readText: (contentId) => act(() => reading.text(contentId)),
    preview: (contentId, onPart, signal) => act(() => reading.preview(contentId, onPart, signal)),
    save: (contentId) => act(() => saves.save(contentId)),
    saveZip: (folderKey, name, ids) => act(() => zips.save(folderKey, name, ids)),
    stopZip: (folderKey) => {
      zips.stop(folderKey);
    },
    leave: () => acts.leave(),
  };
}
