/** Runs every entry of st1.json; used by vitest in Node and by a worker in a real browser. */
import vectors from '../../tests/vectors/st1.json';
import { openContentBox, openKeyBox, sealContentBox, sealKeyBox } from '../src/crypto/boxes';
import { type Bytes, fromHex, hex, utf8 } from '../src/crypto/bytes';
import { ChunkCipher, makeRoot } from '../src/crypto/chunk';
import { makeConvergent } from '../src/crypto/dedup';
import { CryptoError } from '../src/crypto/errors';
import { EventCipher } from '../src/crypto/event';
import { makeFingerprint, makeProof, makeSignature } from '../src/crypto/fingerprint';
import { deriveRootKey, deriveSessionId } from '../src/crypto/kdf';
import { norm, sha256 } from '../src/crypto/keys';
import { makeLink, readLink } from '../src/crypto/link';
import { openManifest, sealManifest } from '../src/crypto/manifest';
import { padme } from '../src/transfer/sizes';
import { shake256 } from './shake256';

type Json = string | number | boolean | readonly unknown[] | object | null;

/** Typed access to the inputs of an entry. */
class Inputs {
  readonly #inputs: Readonly<Record<string, unknown>>;

  constructor(inputs: Readonly<Record<string, unknown>>) {
    this.#inputs = inputs;
  }

  text(name: string): string {
    const value = this.#inputs[name];
    if (typeof value !== 'string') throw new TypeError(`${name}: no text`);
    return value;
  }

  number(name: string): number {
    const value = this.#inputs[name];
    if (typeof value !== 'number') throw new TypeError(`${name}: no number`);
    return value;
  }

  flag(name: string): boolean {
    return this.#inputs[name] === true;
  }

  bytes(name: string): Bytes {
    return fromHex(this.text(name));
  }

  list(name: string): Bytes[] {
    const value = this.#inputs[name];
    if (!Array.isArray(value)) throw new TypeError(`${name}: no list`);
    return value.map((one) => fromHex(String(one)));
  }

  nested(name: string): Inputs {
    const value = this.#inputs[name];
    if (typeof value !== 'object' || value === null) throw new TypeError(`${name}: no object`);
    return new Inputs(Object.fromEntries(Object.entries(value)));
  }
}

function plainOf(spelt: Inputs): Bytes {
  const whole = shake256(utf8(spelt.text('shake256')), spelt.number('size'));
  return whole.slice(spelt.number('from'), spelt.number('to'));
}

async function chunkCipher(given: Inputs): Promise<ChunkCipher> {
  return ChunkCipher.make(
    given.bytes('content_key'),
    given.bytes('session_id'),
    given.bytes('blob_id'),
    given.number('chunk_size'),
  );
}

function nonces(given: Inputs) {
  return { client: given.bytes('client_nonce'), server: given.bytes('server_nonce') };
}

async function sealChunk(given: Inputs): Promise<Json> {
  const cipher = await chunkCipher(given);
  const [index, last] = [given.number('index'), given.flag('last')];
  const plain = plainOf(given.nested('plain'));
  const chunk = await cipher.seal(index, plain, given.bytes('prefix'), last);
  if (hex(await cipher.open(index, chunk, last)) !== hex(plain)) throw new Error('does not open');
  return {
    sha256: hex(await sha256(chunk)),
    size: chunk.byteLength,
    head: hex(chunk.subarray(0, 16)),
    tail: hex(chunk.subarray(-16)),
  };
}

async function openChunk(given: Inputs): Promise<Json> {
  const cipher = await chunkCipher(given);
  const plain = await cipher.open(given.number('index'), given.bytes('chunk'), given.flag('last'));
  return { sha256: hex(await sha256(plain)) };
}

async function sealEvent(given: Inputs): Promise<Json> {
  const cipher = await EventCipher.make(
    given.bytes('session_key'),
    given.bytes('session_id'),
    given.number('epoch'),
    given.bytes('member_id'),
  );
  const event = await cipher.seal(
    given.number('seq'),
    utf8(given.text('plain')),
    given.flag('kept'),
  );
  const opened = await cipher.open(event);
  if (opened.seq !== given.number('seq')) throw new Error('another seq');
  return hex(event);
}

async function link(given: Inputs): Promise<Json> {
  const text = await makeLink(given.text('session_name'), given.text('passphrase'));
  const target = await readLink(text);
  if (hex(utf8(target.sessionName)) !== hex(norm(given.text('session_name')))) {
    throw new Error('another name');
  }
  return text;
}

type Op = (given: Inputs) => Json | Promise<Json>;

const OPS: Readonly<Record<string, Op>> = {
  norm: (given) => hex(norm(given.text('text'))),
  session_id: async (given) =>
    hex(await deriveSessionId(given.bytes('realm'), given.text('session_name'))),
  root_key: async (given) =>
    hex(
      await deriveRootKey(
        given.text('passphrase'),
        given.bytes('session_id'),
        given.bytes('salt'),
        given.number('iterations'),
      ),
    ),
  fingerprint: async (given) => {
    const made = await makeFingerprint(
      given.bytes('root_key'),
      given.bytes('session_id'),
      given.bytes('fingerprint_iv'),
    );
    return {
      client_key: hex(made.clientKey),
      fingerprint_data: hex(made.fingerprintData),
      server_key: hex(made.serverKey),
    };
  },
  proof: async (given) => {
    const keys = {
      clientKey: given.bytes('client_key'),
      fingerprintData: given.bytes('fingerprint_data'),
    };
    return hex(await makeProof(keys, given.bytes('session_id'), nonces(given)));
  },
  signature: async (given) =>
    hex(
      await makeSignature(
        given.bytes('server_key'),
        given.bytes('session_id'),
        nonces(given),
        given.bytes('proof'),
      ),
    ),
  seal_key_box: async (given) =>
    hex(
      await sealKeyBox(
        given.bytes('root_key'),
        given.bytes('session_id'),
        given.number('epoch'),
        given.bytes('nonce'),
        given.bytes('session_key'),
      ),
    ),
  open_key_box: async (given) => {
    const opened = await openKeyBox(
      given.bytes('root_key'),
      given.bytes('session_id'),
      given.bytes('key_box'),
    );
    return { epoch: opened.epoch, session_key: hex(opened.sessionKey) };
  },
  seal_content_box: async (given) =>
    hex(
      await sealContentBox(
        given.bytes('session_key'),
        given.bytes('session_id'),
        given.number('epoch'),
        given.bytes('content_id'),
        given.bytes('nonce'),
        given.bytes('content_key'),
      ),
    ),
  open_content_box: async (given) =>
    hex(
      await openContentBox(
        given.bytes('session_key'),
        given.bytes('session_id'),
        given.bytes('content_id'),
        given.bytes('content_box'),
      ),
    ),
  seal_manifest: async (given) =>
    hex(
      await sealManifest(
        given.bytes('content_key'),
        given.bytes('session_id'),
        given.bytes('content_id'),
        given.number('revision'),
        given.bytes('nonce'),
        utf8(given.text('plain')),
      ),
    ),
  open_manifest: async (given) =>
    openManifest(
      given.bytes('content_key'),
      given.bytes('session_id'),
      given.bytes('content_id'),
      given.bytes('manifest'),
    ),
  seal_chunk: sealChunk,
  open_chunk: openChunk,
  root: async (given) => hex(await makeRoot(given.list('chunk_sha256'))),
  seal_event: sealEvent,
  dedup: async (given) => {
    const session = {
      key: given.bytes('session_key'),
      id: given.bytes('session_id'),
      epoch: given.number('epoch'),
    };
    const digests = given.list('plain_sha256');
    const made = await makeConvergent(
      session,
      given.number('chunk_size'),
      given.number('size'),
      digests,
    );
    return {
      content_key: hex(made.contentKey),
      blob_id: hex(made.blobId),
      prefix: hex(made.prefix),
    };
  },
  padme: (given) => padme(given.number('size')),
  link,
};

/** The server's check: it runs in Python only. */
const SERVER_ONLY = 'verify_proof';

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, one]) => [name, sorted(one)] as const);
  return Object.fromEntries(entries.toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

function spell(value: unknown): string {
  return JSON.stringify(sorted(value));
}

interface Entry {
  readonly name: string;
  readonly op: string;
  readonly inputs: object;
  readonly output?: unknown;
  readonly expect?: string;
}

function opOf(entry: Entry): Op {
  const op = OPS[entry.op];
  if (op === undefined) throw new Error(`unknown op ${entry.op}`);
  return op;
}

async function runOne(entry: Entry): Promise<void> {
  const op = opOf(entry);
  const given = new Inputs(Object.fromEntries(Object.entries(entry.inputs)));
  if (entry.expect === undefined) {
    const output = spell(await op(given));
    if (output !== spell(entry.output)) throw new Error(`gave ${output}`);
    return;
  }
  const kind = await refusalOf(op, given);
  if (entry.expect !== 'any' && entry.expect !== kind) throw new Error(`refused as ${kind}`);
}

async function refusalOf(op: Op, given: Inputs): Promise<string> {
  try {
    await op(given);
  } catch (thrown) {
    if (thrown instanceof CryptoError) return thrown.kind;
    throw thrown;
  }
  throw new Error('was not refused');
}

export interface Outcome {
  /** Entries that ran, and those that are the server's. */
  readonly run: number;
  readonly serverOnly: number;
  readonly failed: readonly string[];
}

/** Run all entries, values and refusals. */
export async function runVectors(): Promise<Outcome> {
  const entries: Entry[] = [...vectors.values, ...vectors.refusals];
  const failed: string[] = [];
  let serverOnly = 0;
  for (const entry of entries) {
    if (entry.op === SERVER_ONLY) {
      serverOnly += 1;
      continue;
    }
    try {
      await runOne(entry);
    } catch (thrown) {
      failed.push(`${entry.name}: ${String(thrown)}`);
    }
  }
  return { run: entries.length - serverOnly, serverOnly, failed };
}
