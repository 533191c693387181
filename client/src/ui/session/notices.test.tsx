// @vitest-environment jsdom
import { act, fireEvent, screen } from '@testing-library/react';
import { expect, it, vi } from 'vitest';

import { contentOf, show, startPage, stateOf, Written } from '../testing';
import { SessionPage } from './session-page';

startPage();

const text = contentOf();

it('tells what is done for four seconds, also while something moves', async () => {
  vi.useFakeTimers();
  try {
    vi.stubGlobal('navigator', { clipboard: { writeText: () => Promise.resolve() } });
    const session = new Written(stateOf({ contents: [text] }));
    show(<SessionPage session={session} onLeft={() => undefined} />);
    fireEvent.click(screen.getByRole('button', { name: 'Copy' }));
    await act(() => vi.advanceTimersByTimeAsync(0));
    screen.getByText('Copied');
    for (let second = 1; second <= 4; second += 1) {
      act(() => {
        session.become(stateOf({ contents: [text], revision: second + 1 }));
        vi.advanceTimersByTime(1000);
      });
    }
    expect(screen.queryByText('Copied')).toBeNull();
  } finally {
    vi.unstubAllGlobals();
    vi.useRealTimers();
  }
});

it('puts the focus where one writes', () => {
  show(<SessionPage session={new Written()} onLeft={() => undefined} />);
  expect(document.activeElement).toBe(screen.getByRole('textbox', { name: 'Message' }));
});
