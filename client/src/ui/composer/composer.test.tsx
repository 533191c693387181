// @vitest-environment jsdom
import { createEvent, fireEvent, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it } from 'vitest';

import { show, startPage, Written } from '../testing';
import { Composer } from './composer';
import { DropTarget } from './drop-target';

startPage();

const box = () => screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Message' });
const files = () => [new File(['a'], 'a.txt'), new File(['b'], 'b.png')];

it('sends at Enter, begins a line at Shift+Enter, and is empty then', async () => {
  const session = new Written();
  show(<Composer />, session);
  await userEvent.type(box(), 'one{Shift>}{Enter}{/Shift}two{Enter}');
  expect(session.acts).toEqual([['shareText', 'one\ntwo']]);
  expect(box().value).toBe('');
});

it('sends nothing but white space not at all', async () => {
  const session = new Written();
  show(<Composer />, session);
  await userEvent.type(box(), '  {Enter}');
  expect(screen.getByRole('button', { name: 'Send' })).toHaveProperty('disabled', true);
  expect(session.acts).toEqual([]);
});

it('leaves Enter to the input method while it composes', () => {
  const session = new Written();
  show(<Composer />, session);
  fireEvent.change(box(), { target: { value: 'かな' } });
  fireEvent.keyDown(box(), { key: 'Enter', isComposing: true });
  expect(session.acts).toEqual([]);
});

it('gives a text back that was refused', async () => {
  const session = new Written();
  session.refusal = Object.assign(new Error('gone'), { code: 'left' });
  const { notices } = show(<Composer />, session);
  await userEvent.type(box(), 'kept{Enter}');
  expect(box().value).toBe('kept');
  expect(notices).toMatchObject([{ kind: 'failed', problem: { code: 'left' } }]);
});

it('shares chosen and pasted files', async () => {
  const session = new Written();
  const { container } = show(<Composer />, session);
  const picker = container.querySelector('input');
  if (picker === null) throw new Error('no picker');
  await userEvent.upload(picker, files());
  fireEvent.paste(box(), { clipboardData: { files: files().slice(1) } });
  expect(session.acts).toEqual([
    ['shareFiles', 'a.txt', 'b.png'],
    ['shareFiles', 'b.png'],
  ]);
});

it('takes files dropped anywhere, and says so while they are over the page', () => {
  const session = new Written();
  show(<DropTarget>content</DropTarget>, session);
  const page = screen.getByText('content');
  const dataTransfer = { types: ['Files'], files: files() };
  fireEvent.dragEnter(page, { dataTransfer });
  screen.getByText('Drop to share');
  fireEvent.dragLeave(page, { dataTransfer });
  expect(screen.queryByText('Drop to share')).toBeNull();
  fireEvent.dragEnter(page, { dataTransfer });
  fireEvent.drop(page, { dataTransfer });
  expect(screen.queryByText('Drop to share')).toBeNull();
  expect(session.acts).toEqual([['shareFiles', 'a.txt', 'b.png']]);
});

it('leaves dragged text to the browser', () => {
  show(<DropTarget>content</DropTarget>);
  const page = screen.getByText('content');
  const over = createEvent.dragOver(page, { dataTransfer: { types: ['text/plain'], files: [] } });
  fireEvent(page, over);
  expect(over.defaultPrevented).toBe(false);
});
