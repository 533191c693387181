/** For component tests: a page in jsdom around components, and sessions written down by hand. */
import { cleanup, render } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, beforeAll } from 'vitest';

import type { Content, PicturePreview, Saved, Session, SessionState } from '../store/model';
import { type Notice, SessionContext } from './session/use-session';
import { AllNear } from './testing-near';
import { startTexts } from './texts/i18n';
import { ThemeProvider } from './theme/provider';

export const NOW = Date.UTC(2026, 0, 2, 12);

/** What jsdom does not have of a browser: media queries, sizes, modal dialogs. */
export function startPage(): void {
  beforeAll(async () => {
    globalThis.matchMedia = (media) =>
      Object.assign(new EventTarget(), {
        matches: false,
        media,
        onchange: null,
        addListener: () => undefined,
        removeListener: () => undefined,
      });
    globalThis.ResizeObserver = class {
      observe(): void {}
      unobserve(): void {}
      disconnect(): void {}
    };
    Object.assign(globalThis, { IntersectionObserver: AllNear });
    HTMLDialogElement.prototype.showModal = function showModal() {
      this.open = true;
    };
    HTMLDialogElement.prototype.close = function close() {
      this.open = false;
    };
    Element.prototype.scrollIntoView = () => undefined;
    await startTexts();
  });
  afterEach(() => {
    cleanup();
    localStorage.clear();
  });
}

export function contentOf(values: Partial<Content> = {}): Content {
  return {
    contentId: 'c1',
    position: 1,
    revision: 1,
    kind: 'text',
    name: '',
    mime: 'text/plain',
    size: 5,
    createdAt: NOW,
    expiresAt: null,
    senderName: 'Zoë Martin',
    mine: false,
    pinned: false,
    state: 'complete',
    storedBytes: 5,
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
    policy: null,
    lifetimeSeconds: null,
    departed: null,
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
  readonly keepFor = (seconds: number | null) => {
    this.acts.push(['keepFor', seconds]);
    this.become({ ...this.#state, lifetimeSeconds: seconds });
  };
  readonly cancel = (contentId: string) => void this.acts.push(['cancel', contentId]);
  readonly pause = (contentId: string) => void this.acts.push(['pause', contentId]);
  readonly goOn = (contentId: string) => void this.acts.push(['goOn', contentId]);
  readonly shareAgain = (id: string) => this.#done(undefined, 'shareAgain', id);
  readonly rename = (id: string, name: string) => this.#done(undefined, 'rename', id, name);
  readonly pin = (id: string, pinned: boolean) => this.#done(undefined, 'pin', id, pinned);
  readonly remove = (id: string) => this.#done(undefined, 'remove', id);
  readonly clear = () => this.#done(undefined, 'clear');
  readonly loadOlder = () => this.#done(undefined, 'loadOlder');
  readonly readText = (id: string) => this.#done('the whole text', 'readText', id);
  readonly preview: Session['preview'] = () => Promise.resolve(this.picture);
  saved: Saved | null = 'disk';
  readonly save = (id: string) => this.#done(this.saved, 'save', id);
  readonly leave = () => this.#done(undefined, 'leave');
}

/** Show components of a session; what it tells its member is in `notices`. */
export function show(page: ReactNode, session: Session = new Written()) {
  const notices: Notice[] = [];
  const notify = (notice: Notice) => void notices.push(notice);
  const scope = { session, notify, isOver: session.getState().link.state === 'ended' };
  const shown = render(page, {
    wrapper: ({ children }) => (
      <ThemeProvider>
        <SessionContext value={scope}>{children}</SessionContext>
      </ThemeProvider>
    ),
  });
  return { ...shown, notices };
}
