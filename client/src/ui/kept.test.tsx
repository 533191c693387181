// @vitest-environment jsdom
import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, it, vi } from 'vitest';

import { JoinForm } from './join/join-form';
import { remember } from './join/remembered';
import { ModeToggle } from './parts/mode-toggle';
import { show, startPage } from './testing';
import { startMode } from './theme/mode';

startPage();

afterEach(() => vi.unstubAllGlobals());

it('lasts until the page is left where the browser blocks storage', async () => {
  const refuse = () => {
    throw new DOMException('blocked', 'SecurityError');
  };
  vi.stubGlobal('localStorage', { getItem: refuse, setItem: refuse, clear: () => undefined });
  startMode();
  show(<ModeToggle />);
  await userEvent.click(screen.getByRole('button', { name: 'Use dark colours' }));
  screen.getByRole('button', { name: 'Use light colours' });
  expect(document.documentElement.className).toBe('dark');
  remember({ sessionName: 'garden', memberName: 'Ben' });
  show(<JoinForm onJoined={() => undefined} />);
  expect(screen.getByLabelText<HTMLInputElement>('Session name').value).toBe('garden');
});
