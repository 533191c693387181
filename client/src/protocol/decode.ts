/**
 * Decoders: what came off the wire is `unknown` until one of these has seen it.
 */

/** Something off the wire does not have its shape; `path` says where, as in `page.contents[2]`. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
  readonly path: string;

  constructor(path: string, expected: string) {
    super(`${path}: expected ${expected}`);
    this.path = path;
  }
}

/** Turn a value at `path` into its type, or throw a DecodeError. */
export type Decoder<T> = (value: unknown, path: string) => T;

/** Whether a value is a JSON object. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The members of a JSON object, each read by its decoder. */
export class Fields {
  readonly #record: Readonly<Record<string, unknown>>;
  readonly #path: string;

  constructor(value: unknown, path: string) {
    if (!isRecord(value)) throw new DecodeError(path, 'an object');
    this.#record = value;
    this.#path = path;
  }

  /** Read the member `name`; an absent one is `fallback` when there is one. */
  read<T>(name: string, decode: Decoder<T>, fallback?: T): T {
    const value = Object.hasOwn(this.#record, name) ? this.#record[name] : undefined;
    if (value === undefined && fallback !== undefined) return fallback;
    return decode(value, `${this.#path}.${name}`);
  }
}

export const anything: Decoder<unknown> = (value) => value;

export const text: Decoder<string> = (value, path) => {
  if (typeof value !== 'string') throw new DecodeError(path, 'a text');
  return value;
};

export const boolean: Decoder<boolean> = (value, path) => {
  if (typeof value !== 'boolean') throw new DecodeError(path, 'true or false');
  return value;
};

/** A whole number that a JavaScript number holds exactly. */
export const integer: Decoder<number> = (value, path) => {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
    throw new DecodeError(path, 'a whole number');
  }
  return value;
};

export const natural: Decoder<number> = (value, path) => {
  const number = integer(value, path);
  if (number < 0) throw new DecodeError(path, 'a whole number of at least 0');
  return number;
};

/** A text that matches all of `pattern` and has at most `maxLength` characters. */
export function patterned(pattern: RegExp, maxLength = Number.MAX_SAFE_INTEGER): Decoder<string> {
  return (value, path) => {
    const found = text(value, path);
    if (found.length > maxLength) {
      throw new DecodeError(path, `at most ${String(maxLength)} characters`);
    }
    if (!pattern.test(found)) throw new DecodeError(path, `a text like ${pattern.source}`);
    return found;
  };
}

export function oneOf<const T extends string>(...allowed: readonly T[]): Decoder<T> {
  return (value, path) => {
    const found = allowed.find((one) => one === value);
    if (found === undefined) throw new DecodeError(path, allowed.join(' or '));
    return found;
  };
}

/** Null for an absent or null value. */
export function nullable<T>(decode: Decoder<T>): Decoder<T | null> {
  return (value, path) => (value === undefined || value === null ? null : decode(value, path));
}

export function listOf<T>(decode: Decoder<T>): Decoder<readonly T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) throw new DecodeError(path, 'a list');
    const items: readonly unknown[] = value;
    return items.map((item, index) => decode(item, `${path}[${String(index)}]`));
  };
}

export function pairOf<A, B>(first: Decoder<A>, second: Decoder<B>): Decoder<readonly [A, B]> {
  return (value, path) => {
    if (!Array.isArray(value) || value.length !== 2) throw new DecodeError(path, 'a pair');
    const items: readonly unknown[] = value;
    return [first(items[0], `${path}[0]`), second(items[1], `${path}[1]`)];
  };
}
