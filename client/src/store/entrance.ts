/**
 * Coming into a session over a new connection: hello, derive or create, join, first page.
 *
 * A rejoin is the same with the keys in hand: recovery has no code of its own.
 */
import { base64url, hex, randomBytes } from '../crypto/bytes';
import type { KeyPort, Terms } from '../crypto/port';
import type { Control } from '../protocol/control';
import { ownProblem } from '../protocol/errors';
import type { Hello, Joined as JoinedReply, Policy as PolicyReply } from '../protocol/generated';
import type { Entered, Entrance } from './connection';
import { guarded } from './guard';
import type { JoinPhase, NewPolicy } from './joining';
import type { Policy } from './model';
import { type Listing, PAGE_MS } from './listing';
import type { StateStore } from './state';

const NONCE_BYTES = 32;
const MEMBER_ID_BYTES = 16;

/** A challenge of the server and the terms of the session, null when there is no session. */
interface Challenge {
  readonly clientNonce: string;
  readonly serverNonce: string;
  readonly terms: Terms | null;
}

export interface EntranceOptions {
  readonly sessionId: string;
  readonly create: boolean;
  readonly policy: NewPolicy;
  readonly onPhase: (phase: JoinPhase) => void;
}

/** The terms in a hello; null when there is no session. */
function termsOf(hello: Hello): Terms | null {
  if (!hello.exists) return null;
  const { suite, salt, iterations, fingerprint_iv: fingerprintIv } = hello;
  if (suite === null || salt === null || iterations === null || fingerprintIv === null) {
    throw ownProblem('bad_answer');
  }
  return { suite, salt, iterations, fingerprintIv };
}

function policyOf(reply: PolicyReply): Policy {
  const { idle_seconds: idleSeconds, contents_max: contentsMax, deduplicates } = reply;
  return { idleSeconds, contentsMax, dropsOldest: reply.drops_oldest, deduplicates };
}

/** Open a challenge on this connection: valid once, for 60 s. */
async function sayHello(control: Control, sessionId: string): Promise<Challenge> {
  const clientNonce = base64url(randomBytes(NONCE_BYTES));
  const hello = await control.request('session:hello', {
    session_id: sessionId,
    client_nonce: clientNonce,
  });
  return { clientNonce, serverNonce: hello.server_nonce, terms: termsOf(hello) };
}

export class Entering {
  readonly #keys: KeyPort;
  readonly #state: StateStore;
  readonly #listing: Listing;
  readonly #options: EntranceOptions;
  /** Known until the first join; afterwards the worker holds what was derived from it. */
  #passphrase: string | null = null;

  constructor(keys: KeyPort, state: StateStore, listing: Listing, options: EntranceOptions) {
    this.#keys = keys;
    this.#state = state;
    this.#listing = listing;
    this.#options = options;
  }

  /** Take the passphrase for the first join; no other part of the page holds it after that. */
  learn(passphrase: string): void {
    this.#passphrase = passphrase;
  }

  readonly enter = async ({ control, inbox }: Entrance): Promise<Entered> => {
    const { sessionId, onPhase } = this.#options;
    onPhase('asking');
    const challenge = await this.#meet(control);
    onPhase('joining');
    const { keeper } = this.#keys;
    const proof = await keeper.prove(challenge.clientNonce, challenge.serverNonce);
    const memberId = hex(randomBytes(MEMBER_ID_BYTES));
    const since = this.#passphrase === null ? { since: this.#state.model.revision } : {};
    // Announcements of this connection wait until the page that they follow is taken in.
    let open: () => void = () => undefined;
    const paged = new Promise<void>((resolve) => {
      open = resolve;
    });
    void inbox.add(() => paged);
    try {
      const request = { session_id: sessionId, proof, member_id: memberId, ...since };
      const joined = await control.request('session:join', request, PAGE_MS);
      await this.#check(joined, memberId);
      this.#state.dispatch({ kind: 'self', memberId });
      this.#state.dispatch({ kind: 'policy', policy: policyOf(joined.policy) });
      const asked = this.#passphrase === null ? 'since' : 'first';
      await this.#listing.take(control, asked, joined.page);
      this.#passphrase = null;
      await this.#introduce(control, memberId);
      return { sessionId, token: joined.token };
    } finally {
      open();
    }
  };

  /** Say hello until the keys in hand fit the terms of the session. */
  async #meet(control: Control): Promise<Challenge> {
    const challenge = await sayHello(control, this.#options.sessionId);
    if (challenge.terms === null) {
      if (this.#passphrase === null || !this.#options.create) {
        throw ownProblem('session_not_found');
      }
      await this.#create(control, this.#passphrase);
      const again = await sayHello(control, this.#options.sessionId);
      if (again.terms === null) throw ownProblem('bad_answer');
      await this.#fit(again.terms);
      return again;
    }
    await this.#fit(challenge.terms);
    return challenge;
  }

  async #fit(terms: Terms): Promise<void> {
    if (await this.#keys.keeper.holds(terms)) return;
    const passphrase = this.#passphrase;
    if (passphrase === null) throw ownProblem('passphrase_changed');
    this.#options.onPhase('deriving');
    await guarded('iterations_refused', () => this.#keys.keeper.derive(passphrase, terms));
  }

  async #create(control: Control, passphrase: string): Promise<void> {
    const { onPhase, policy } = this.#options;
    const { idleSeconds, contentsMax, dropsOldest } = policy;
    onPhase('deriving');
    const creation = await this.#keys.keeper.create(passphrase);
    const { created } = await control.request('session:create', {
      session_id: this.#options.sessionId,
      suite: creation.suite,
      salt: creation.salt,
      iterations: creation.iterations,
      fingerprint_iv: creation.fingerprintIv,
      fingerprint_data: creation.fingerprintData,
      server_key: creation.serverKey,
      key_box: creation.keyBox,
      owner_hash: creation.ownerHash,
      ...(idleSeconds === null ? {} : { idle_seconds: idleSeconds }),
      contents_max: contentsMax,
      drops_oldest: dropsOldest,
    });
    if (created) this.#state.dispatch({ kind: 'created' });
  }

  async #check(joined: JoinedReply, memberId: string): Promise<void> {
    const entry = { sig: joined.sig, keyBox: joined.key_box, memberId };
    await guarded('server_forged', () => this.#keys.keeper.enter(entry));
  }

  /** Tell the others the name of this member; it is kept for those who come later. */
  async #introduce(control: Control, memberId: string): Promise<void> {
    const name = this.#state.model.memberName;
    this.#state.dispatch({ kind: 'named', memberId, name });
    const sealed = await this.#keys.keeper.sealEvent({ t: 'profile', name }, true);
    await control.request('event:send', { sealed, sort: 'profile' });
  }
}
