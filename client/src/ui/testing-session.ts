/** For component tests: contents and sessions written down by hand. */
import type { ChosenFolder } from '../store/grouping';
import type { Content, PicturePreview, Saved, Session, SessionState } from '../store/model';

export const NOW = Date.UTC(2026, 0, 2, 12);

export function contentOf(values: Partial<Content> = {}): Content {
  return {
    contentId: 'c1',
    position: 1,
    revision: 1,
    kind: 'text',
    name: '',
    mime: 'text/plain',
    folder: null,
    size: 5,
    createdAt: NOW,
    expiresAt: null,
    senderName: 'Zoë Martin',
    thumb: null,
    mine: false,
    pinned: false,
    state: 'complete',
    storedBytes: 5,
    arriving: null,
    senderId: null,
    waits: false,
    text: 'hello',
    activity: { kind: 'idle' },
    ...values,
  };
}

export function stateOf(values: Partial<SessionState> = {}): SessionState {
  return {
    sessionName: 'garden',
    memberName: 'Ben',
    link: { state: 'online' },
    revision: 1,
    members: [],
    contents: [],
    unreadable: [],
    hasOlder: false,
    zips: new Map(),
    policy: null,
    lifetimeSeconds: null,
    departed: null,
    isNew: false,
    ...values,
  };
}

/** A session that shows `state`; what its member did is in `acts`, as name and values. */
export class Written implements Session {
  readonly acts: (readonly unknown[])[] = [];
  #state: SessionState;
  readonly #listeners = new Set<() => void>();
  /** When given, every act is refused with it. */
  refusal: Error | null = null;
  picture: PicturePreview | null = null;
  /** When given, there is no more of the picture yet. */
  part: PicturePreview | null = null;

  constructor(state: SessionState = stateOf()) {
    this.#state = state;
  }

  become(state: SessionState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }

  readonly getState = () => this.#state;
  readonly subscribe = (listener: () => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };

  async #done<T>(result: T, ...act: readonly unknown[]): Promise<T> {
    this.acts.push(act);
    return this.refusal === null ? result : Promise.reject(this.refusal);
  }

  readonly shareText = (text: string) => this.#done(undefined, 'shareText', text);
  readonly shareFiles = (files: readonly File[]) =>
    this.#done(undefined, 'shareFiles', ...files.map(({ name }) => name));
  readonly shareFolder = ({ name, files }: ChosenFolder) =>
    this.#done(undefined, 'shareFolder', name, ...files.map(({ path }) => path));
  readonly keepFor = (seconds: number | null) => {
    this.acts.push(['keepFor', seconds]);
    this.become({ ...this.#state, lifetimeSeconds: seconds });
  };
  readonly cancel = (contentId: string) => void this.acts.push(['cancel', contentId]);
  readonly pause = (contentId: string) => void this.acts.push(['pause', contentId]);
  readonly goOn = (contentId: string) => void this.acts.push(['goOn', contentId]);
  readonly resume = (files: readonly File[], id?: string) =>
    this.#done(undefined, 'resume', id, ...files.map(({ name }) => name));
  readonly shareAgain = (id: string) => this.#done(undefined, 'shareAgain', id);
  readonly rename = (id: string, name: string) => this.#done(undefined, 'rename', id, name);
  readonly pin = (id: string, pinned: boolean) => this.#done(undefined, 'pin', id, pinned);
  readonly remove = (id: string) => this.#done(undefined, 'remove', id);
  readonly clear = () => this.#done(undefined, 'clear');
  readonly loadOlder = () => this.#done(undefined, 'loadOlder');
  readonly readText = (id: string) => this.#done('the whole text', 'readText', id);
  readonly preview: Session['preview'] = (_id, onPart) => {
    if (this.part !== null) onPart(this.part);
    return this.part === null ? Promise.resolve(this.picture) : new Promise(() => undefined);
  };
  saved: Saved | null = 'disk';
  readonly save = (id: string) => this.#done(this.saved, 'save', id);
  readonly saveZip = (key: string, name: string, ids: readonly string[]) =>
    this.#done(this.saved, 'saveZip', key, name, ...ids);
  readonly stopZip = (key: string) => void this.acts.push(['stopZip', key]);
  readonly leave = () => this.#done(undefined, 'leave');
}
