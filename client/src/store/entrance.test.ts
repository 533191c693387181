import { afterEach, beforeEach, expect, it } from 'vitest';

import { type KeyPort } from '../crypto/port';
import { type Control, readAnswer } from '../protocol/control';
import { Entering } from './entrance';
import { Inbox } from './inbox';
import { Listing } from './listing';
import { Opener } from './opening';
import { StateStore } from './state';
import { joinedKeys } from './testing';

let keys: KeyPort;
let sessionId: string;

beforeEach(async () => ({ keys, sessionId } = await joinedKeys()));
afterEach(() => {
  keys.close();
});

it.each([1, 599_999, 10_000_001])('derives no key of %i rounds', async (iterations) => {
  const asked: string[] = [];
  const hello = {
    exists: true,
    suite: 1,
    salt: 'A'.repeat(22),
    iterations,
    fingerprint_iv: 'A'.repeat(16),
    server_nonce: 'A'.repeat(43),
  };
  const control: Control = {
    request: (event) => {
      asked.push(event);
      return Promise.resolve(readAnswer(event, { result: hello }));
    },
  };
  const state = new StateStore('garden', 'Ada');
  const listing = new Listing(state, new Opener(keys), () => undefined);
  const policy = { idleSeconds: null, contentsMax: 0, dropsOldest: false };
  const options = { sessionId, create: true, policy, onPhase: () => undefined };
  const entering = new Entering(keys, state, listing, options);
  entering.learn('correct horse battery staple');
  const inbox = new Inbox(() => undefined, new AbortController().signal);
  await expect(entering.enter({ control, inbox })).rejects.toMatchObject({
    code: 'iterations_refused',
  });
  expect(asked).toEqual(['session:hello']);
});
