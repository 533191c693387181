// @vitest-environment jsdom
import { createEvent, fireEvent, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it } from 'vitest';

import { dataOf } from '../../store/testing-dropped';
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
  await waitFor(() => {
    expect(session.acts).toEqual([
      ['shareFiles', 'a.txt', 'b.png'],
      ['shareFiles', 'b.png'],
    ]);
  });
});

it('shares a folder that is chosen, where the browser has any to choose', async () => {
  const session = new Written();
  const { unmount } = show(<Composer />, session);
  expect(screen.queryByRole('button', { name: 'Choose a folder' })).toBeNull();
  unmount();
  Object.assign(HTMLInputElement.prototype, { webkitdirectory: false });
  try {
    const { container: shown } = show(<Composer />, session);
    screen.getByRole('button', { name: 'Choose a folder' });
    const picker = shown.querySelector<HTMLInputElement>('input[webkitdirectory]');
    if (picker === null) throw new Error('no picker');
    const file = Object.defineProperty(new File(['a'], 'a.txt'), 'webkitRelativePath', {
      value: 'photos/sub/a.txt',
    });
    await userEvent.upload(picker, [file]);
  } finally {
    Reflect.deleteProperty(HTMLInputElement.prototype, 'webkitdirectory');
  }
  await waitFor(() => {
    expect(session.acts).toEqual([['shareFolder', 'photos', 'photos/sub/a.txt']]);
  });
});

it('takes what is dropped anywhere, and says so while it is over the page', async () => {
  const session = new Written();
  const { notices } = show(<DropTarget>content</DropTarget>, session);
  const page = screen.getByText('content');
  const tree = { 'a.txt': 'a', photos: { 'b.png': 'b', empty: {}, gone: null }, none: {} };
  const { data: dataTransfer, expire } = dataOf(tree);
  fireEvent.dragEnter(page, { dataTransfer });
  screen.getByText('Drop to share');
  fireEvent.dragLeave(page, { dataTransfer });
  expect(screen.queryByText('Drop to share')).toBeNull();
  fireEvent.dragEnter(page, { dataTransfer });
  fireEvent.drop(page, { dataTransfer });
  expire();
  expect(screen.queryByText('Drop to share')).toBeNull();
  await waitFor(() => {
    expect(session.acts).toEqual([
      ['shareFiles', 'a.txt'],
      ['shareFolder', 'photos', 'photos/b.png'],
      ['shareFolder', 'none'],
    ]);
  });
  const leftOut = 'cannot be read (2): photos/empty, photos/gone.';
  expect(notices.map((notice) => 'text' in notice && notice.text.includes(leftOut))).toEqual([
    true,
  ]);
});

it('leaves dragged text to the browser', () => {
  show(<DropTarget>content</DropTarget>);
  const page = screen.getByText('content');
  const over = createEvent.dragOver(page, { dataTransfer: { types: ['text/plain'], files: [] } });
  fireEvent(page, over);
  expect(over.defaultPrevented).toBe(false);
});
