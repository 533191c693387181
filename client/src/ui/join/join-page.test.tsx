// @vitest-environment jsdom
import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { show, startPage } from '../testing';
import { JoinForm } from './join-form';
import { JoinPage } from './join-page';
import { remember, remembered } from './remembered';

startPage();

const passphrase = () => screen.getByLabelText<HTMLInputElement>('Passphrase');

afterEach(() => vi.unstubAllGlobals());

it('explains how to get a secure page where there is none', () => {
  vi.stubGlobal('isSecureContext', false);
  show(<JoinPage onJoined={() => undefined} />);
  expect(screen.getByRole('alert').textContent).toContain('https://');
  expect(screen.queryByRole('button', { name: 'Join or create' })).toBeNull();
});

it('says what stands in the way when joining fails', async () => {
  vi.stubGlobal('isSecureContext', false);
  show(<JoinForm onJoined={() => undefined} />);
  await userEvent.type(screen.getByLabelText('Session name'), 'garden');
  await userEvent.type(screen.getByLabelText('Your name'), 'Ben');
  await userEvent.type(passphrase(), 'whatever{Enter}');
  expect((await screen.findByRole('alert')).textContent).toContain('localhost');
  expect(remembered()).toEqual({ sessionName: '', memberName: '' });
});

describe('the passphrase', () => {
  beforeEach(() => {
    vi.stubGlobal('isSecureContext', true);
    show(<JoinPage onJoined={() => undefined} />);
  });

  it('is hidden until the member wants to see it', async () => {
    expect(passphrase().type).toBe('password');
    await userEvent.click(screen.getByRole('button', { name: 'Show passphrase' }));
    expect(passphrase().type).toBe('textarea');
    await userEvent.click(screen.getByRole('button', { name: 'Hide passphrase' }));
    expect(passphrase().type).toBe('password');
  });

  it('is suggested as seven words that can be seen and are strong', async () => {
    userEvent.setup();
    await userEvent.click(screen.getByRole('button', { name: 'Suggest one' }));
    expect(passphrase().value.split(/[ -]/)).toHaveLength(7);
    expect(passphrase().type).toBe('textarea');
    await screen.findByText('Strong.');
    await userEvent.click(screen.getByRole('button', { name: 'Copy' }));
    await screen.findByRole('button', { name: 'Copied' });
    expect(await navigator.clipboard.readText()).toBe(passphrase().value);
    await userEvent.click(screen.getByRole('button', { name: 'Suggest one' }));
    screen.getByRole('button', { name: 'Copy' });
  });

  it('that is seen stays one line, which Enter sends', async () => {
    await userEvent.click(screen.getByRole('button', { name: 'Show passphrase' }));
    await userEvent.type(screen.getByLabelText('Session name'), 'garden');
    await userEvent.type(screen.getByLabelText('Your name'), 'Ben');
    await userEvent.click(passphrase());
    await userEvent.paste('seven words\nof mine');
    expect(passphrase().value).toBe('seven words of mine');
    vi.stubGlobal('isSecureContext', false);
    await userEvent.type(passphrase(), '{Enter}');
    expect(passphrase().value).toBe('seven words of mine');
    await screen.findByRole('alert');
  });

  it.each([
    ['tomato', '6 more characters: a new session needs 12.'],
    ['password1234', 'Weak: a stolen disk could be guessed open. Add words.'],
  ])('is rated in words: %s', async (typed, sentence) => {
    await userEvent.type(passphrase(), typed);
    await screen.findByText(sentence);
  });
});

describe('what is remembered', () => {
  it('is names, never the passphrase', () => {
    remember({ ...{ passphrase: 'secret' }, sessionName: 'garden', memberName: 'Ben' });
    expect(JSON.stringify(localStorage)).not.toContain('secret');
    show(<JoinForm onJoined={() => undefined} />);
    expect(screen.getByLabelText<HTMLInputElement>('Session name').value).toBe('garden');
    expect(screen.getByLabelText<HTMLInputElement>('Your name').value).toBe('Ben');
  });

  it.each(['{', 'null', '7', '{"sessionName": 7}'])('is nothing when it is broken: %s', (text) => {
    localStorage.setItem('sharethings.join', text);
    expect(remembered()).toEqual({ sessionName: '', memberName: '' });
  });
});
