// @vitest-environment jsdom
import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it } from 'vitest';

import { show, startPage, Written } from '../testing';
import { KeepChoice } from './keep-choice';

startPage();

it('lets what is shared from now on go by itself, or stay', async () => {
  const session = new Written();
  show(<KeepChoice />, session);
  const choice = screen.getByRole<HTMLSelectElement>('combobox');
  expect(choice.selectedOptions[0]?.text).toBe('Stays as long as the session');
  await userEvent.selectOptions(choice, 'Goes after 1 hour');
  expect(choice.value).toBe('3600');
  await userEvent.selectOptions(choice, 'Stays as long as the session');
  expect(session.acts).toEqual([
    ['keepFor', 3600],
    ['keepFor', null],
  ]);
});
