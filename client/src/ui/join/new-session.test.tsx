// @vitest-environment jsdom
import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { afterEach, expect, it, vi } from 'vitest';

import type { NewPolicy } from '../../store/joining';
import { show, startPage } from '../testing';
import { NewSession } from './new-session';

startPage();
afterEach(() => vi.unstubAllGlobals());

function answer(usual: number, most: number, count = 10_000) {
  const limits = {
    control_event_bytes: 65_536,
    session_bytes: 1e9,
    contents_count: count,
    pinned_count: 50,
    session_idle_seconds: usual,
    session_idle_max_seconds: most,
    unfinished_seconds: 1800,
  };
  const config = { protocol: 1, realm: '0'.repeat(32), version: '0.1.0', suites: [1], limits };
  vi.stubGlobal('fetch', () => Promise.resolve(Response.json(config)));
}

/** Show the choices; what was chosen is in the list. */
function choosing(): NewPolicy[] {
  const chosen: NewPolicy[] = [];
  function Page() {
    const [value, setValue] = useState<NewPolicy>({
      idleSeconds: null,
      contentsMax: 0,
      dropsOldest: false,
    });
    const take = (next: NewPolicy) => {
      chosen.push(next);
      setValue(next);
    };
    return <NewSession value={value} onChange={take} />;
  }
  show(<Page />);
  return chosen;
}

const choice = (label: string) => screen.findByLabelText<HTMLSelectElement>(label);
const textsOf = ({ options }: HTMLSelectElement) => [...options].map(({ text }) => text);

it("offers how long a new session stays, the server's own choice first", async () => {
  answer(86_400, 0);
  const chosen = choosing();
  const stay = await choice('Stays for');
  expect(stay.value).toBe('86400');
  screen.getByText('1 day · as many contents as fit');
  expect(textsOf(stay)).toEqual(['10 minutes', '1 hour', '1 day', '7 days', '30 days', 'For ever']);
  await userEvent.selectOptions(stay, '7 days');
  expect(chosen).toEqual([{ idleSeconds: 7 * 86_400, contentsMax: 0, dropsOldest: false }]);
  screen.getByText('7 days · as many contents as fit');
});

it('offers nothing beyond what who runs the server allows, and says so', async () => {
  answer(86_400, 3600, 60);
  choosing();
  await screen.findByText(/allows 1 hour at most/);
  expect(textsOf(await choice('Stays for'))).toEqual(['10 minutes', '1 hour']);
  expect(textsOf(await choice('Holds'))).toEqual([
    'As many contents as fit',
    'At most 10 contents',
    'At most 50 contents',
  ]);
});

it('offers how many contents there are, and what happens beyond', async () => {
  answer(86_400, 0);
  const chosen = choosing();
  const count = await choice('Holds');
  expect(screen.queryByLabelText('When it holds so many')).toBeNull();
  await userEvent.selectOptions(count, 'At most 10 contents');
  screen.getByText('1 day · 10 contents at most');
  const beyond = await choice('When it holds so many');
  expect(beyond.selectedOptions[0]?.text).toBe('Nothing new is taken');
  await userEvent.selectOptions(beyond, 'The oldest goes, unless it is pinned');
  await userEvent.selectOptions(count, 'As many contents as fit');
  expect(chosen).toEqual([
    { idleSeconds: null, contentsMax: 10, dropsOldest: false },
    { idleSeconds: null, contentsMax: 10, dropsOldest: true },
    { idleSeconds: null, contentsMax: 0, dropsOldest: false },
  ]);
});

it('is not there while the server cannot be asked', async () => {
  const refused = vi.fn(() => Promise.reject(new TypeError('no network')));
  vi.stubGlobal('fetch', refused);
  choosing();
  await waitFor(() => {
    expect(refused).toHaveBeenCalled();
  });
  expect(screen.queryByText('If it is a new session')).toBeNull();
});
