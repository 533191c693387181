/** For component tests: a page in jsdom around components, and sessions written down by hand. */
import { cleanup, render } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, beforeAll } from 'vitest';

import type { Session } from '../store/model';
import { type Notice, SessionContext } from './session/use-session';
import { AllNear } from './testing-near';
import { Written } from './testing-session';
import { startTexts } from './texts/i18n';
import { ThemeProvider } from './theme/provider';

export { contentOf, NOW, stateOf, Written } from './testing-session';

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
