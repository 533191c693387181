// @vitest-environment jsdom
import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, it, vi } from 'vitest';

import { show, startPage } from '../testing';
import { StayField } from './stay-field';

startPage();
afterEach(() => vi.unstubAllGlobals());

function answer(usual: number, most: number) {
  const limits = {
    control_event_bytes: 65_536,
    session_bytes: 1e9,
    contents_count: 10_000,
    pinned_count: 50,
    session_idle_seconds: usual,
    session_idle_max_seconds: most,
  };
  const config = { protocol: 1, realm: '0'.repeat(32), version: '0.1.0', suites: [1], limits };
  vi.stubGlobal('fetch', () => Promise.resolve(Response.json(config)));
}

const texts = () => screen.getAllByRole<HTMLOptionElement>('option').map(({ text }) => text);

it("offers how long a new session stays, the server's own choice first", async () => {
  answer(86_400, 0);
  const chosen = vi.fn();
  show(<StayField value={null} onChange={chosen} />);
  const choice = await screen.findByRole<HTMLSelectElement>('combobox');
  expect(choice.value).toBe('86400');
  expect(texts()).toEqual([
    '10 minutes',
    '1 hour',
    '1 day',
    '7 days',
    '30 days',
    'Ever, until it is removed',
  ]);
  await userEvent.selectOptions(choice, '7 days');
  expect(chosen).toHaveBeenCalledWith(7 * 86_400);
});

it('offers nothing beyond what who runs the server allows, and says so', async () => {
  answer(86_400, 3600);
  show(<StayField value={null} onChange={() => undefined} />);
  await screen.findByText(/allows 1 hour at most/);
  expect(texts()).toEqual(['10 minutes', '1 hour']);
});

it('is not there while the server cannot be asked', async () => {
  const refused = vi.fn(() => Promise.reject(new TypeError('no network')));
  vi.stubGlobal('fetch', refused);
  show(<StayField value={null} onChange={() => undefined} />);
  await waitFor(() => {
    expect(refused).toHaveBeenCalled();
  });
  expect(screen.queryByRole('combobox')).toBeNull();
});
