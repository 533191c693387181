// @vitest-environment jsdom
import { act, screen } from '@testing-library/react';
import { expect, it } from 'vitest';

import { contentOf, show, startPage, stateOf, Written } from '../testing';
import { SessionPage } from './session-page';

startPage();

const become = (session: Written, values: Parameters<typeof stateOf>[0]) => {
  act(() => {
    session.become(stateOf(values));
  });
};

it('reads out what others add, but not what was there or is one’s own', () => {
  const there = contentOf({ senderName: 'Ada' });
  const session = new Written(stateOf({ contents: [there] }));
  show(<SessionPage session={session} onLeft={() => undefined} />);
  const log = screen.getByRole('log');
  expect(log.textContent).toBe('');
  const mine = contentOf({ contentId: 'c2', position: 2, mine: true });
  become(session, { contents: [there, mine] });
  expect(log.textContent).toBe('');
  const file = { kind: 'file', name: 'notes.pdf', contentId: 'c3', position: 3 } as const;
  become(session, { contents: [there, mine, contentOf(file)] });
  expect(log.textContent).toBe('Zoë Martin shared notes.pdf');
  const text = contentOf({ contentId: 'c4', position: 4, senderName: 'Ada' });
  become(session, { contents: [there, mine, contentOf(file), text] });
  expect(log.textContent).toBe('New text from Ada');
  become(session, { contents: [there, mine, contentOf(file)] });
  expect(log.textContent).toBe('New text from Ada');
});
