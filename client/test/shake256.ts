/**
 * SHAKE256 (FIPS 202) for tests only: the vectors spell long inputs as its output, and WebCrypto
 * has none. Straight from the standard, slow, and used for nothing that is secret.
 */
const RATE_BYTES = 136;
const MASK = (1n << 64n) - 1n;
const SUFFIX = 0x1f;
const PAD_END = 0x80;

function rotate(lane: bigint, by: number): bigint {
  return ((lane << BigInt(by)) | (lane >> BigInt(64 - by))) & MASK;
}

/** The round constants by the standard's linear feedback shift register (3.2.5). */
function roundConstants(): bigint[] {
  const constants: bigint[] = [];
  let register = 1;
  for (let round = 0; round < 24; round += 1) {
    let constant = 0n;
    for (let bit = 0; bit < 7; bit += 1) {
      if ((register & 1) === 1) constant |= 1n << BigInt(2 ** bit - 1);
      register = ((register << 1) ^ ((register >> 7) * 0x71)) & 0xff;
    }
    constants.push(constant);
  }
  return constants;
}

const CONSTANTS = roundConstants();

function lane(state: readonly bigint[], x: number, y: number): bigint {
  return state[(x % 5) + 5 * (y % 5)] ?? 0n;
}

function permute(state: bigint[]): void {
  for (const constant of CONSTANTS) {
    const columns = [0, 1, 2, 3, 4].map((x) =>
      [0, 1, 2, 3, 4].reduce((sum, y) => sum ^ lane(state, x, y), 0n),
    );
    for (let x = 0; x < 5; x += 1) {
      const mixed = (columns[(x + 4) % 5] ?? 0n) ^ rotate(columns[(x + 1) % 5] ?? 0n, 1);
      for (let y = 0; y < 5; y += 1) state[x + 5 * y] = lane(state, x, y) ^ mixed;
    }
    let [x, y] = [1, 0];
    let current = lane(state, x, y);
    for (let step = 0; step < 24; step += 1) {
      [x, y] = [y, (2 * x + 3 * y) % 5];
      const next = lane(state, x, y);
      state[x + 5 * y] = rotate(current, (((step + 1) * (step + 2)) / 2) % 64);
      current = next;
    }
    const before = [...state];
    for (let row = 0; row < 5; row += 1) {
      for (let column = 0; column < 5; column += 1) {
        const next = lane(before, column + 2, row);
        state[column + 5 * row] =
          lane(before, column, row) ^ (~lane(before, column + 1, row) & MASK & next);
      }
    }
    state[0] = (state[0] ?? 0n) ^ constant;
  }
}

function absorb(state: bigint[], block: Uint8Array): void {
  const view = new DataView(block.buffer, block.byteOffset, RATE_BYTES);
  for (let at = 0; at < RATE_BYTES / 8; at += 1) {
    state[at] = (state[at] ?? 0n) ^ view.getBigUint64(at * 8, true);
  }
  permute(state);
}

/** The first `size` bytes of SHAKE256 of a message. */
export function shake256(message: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  const state = new Array<bigint>(25).fill(0n);
  const padded = new Uint8Array((Math.floor(message.byteLength / RATE_BYTES) + 1) * RATE_BYTES);
  padded.set(message);
  padded[message.byteLength] = SUFFIX;
  padded[padded.byteLength - 1] = (padded[padded.byteLength - 1] ?? 0) | PAD_END;
  for (let at = 0; at < padded.byteLength; at += RATE_BYTES) {
    absorb(state, padded.slice(at, at + RATE_BYTES));
  }
  const output = new Uint8Array(Math.ceil(size / RATE_BYTES) * RATE_BYTES);
  const view = new DataView(output.buffer);
  for (let at = 0; at < size; at += RATE_BYTES) {
    for (let word = 0; word < RATE_BYTES / 8; word += 1) {
      view.setBigUint64(at + word * 8, state[word] ?? 0n, true);
    }
    permute(state);
  }
  return output.slice(0, size);
}
