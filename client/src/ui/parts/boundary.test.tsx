// @vitest-environment jsdom
import { screen } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';

import { show, startPage } from '../testing';
import { Boundary } from './boundary';
import { Broken } from './broken';

startPage();

afterEach(() => vi.restoreAllMocks());

function Shown({ text }: { readonly text: string }) {
  if (text === 'fault') throw new Error('a fault');
  return text;
}

it('shows what to do in the place of a page that failed, and tries another one', () => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const page = (text: string) => (
    <Boundary of={text} fallback={<Broken />}>
      <Shown text={text} />
    </Boundary>
  );
  const { rerender } = show(page('fault'));
  expect(screen.getByRole('alert').textContent).toContain('This page met a fault');
  screen.getByRole('button', { name: 'Reload' });
  rerender(page('better'));
  screen.getByText('better');
  expect(screen.queryByRole('alert')).toBeNull();
});
