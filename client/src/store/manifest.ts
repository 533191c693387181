/**
 * The sealed description of a content (protocol.md 6), read from and written to JSON.
 */
import { utf8 } from '../crypto/bytes';
import {
  type Decoder,
  DecodeError,
  Fields,
  isRecord,
  natural,
  nullable,
  oneOf,
  patterned,
  text,
} from '../protocol/decode';
import { LIMITS } from '../protocol/generated';
import type { Extent } from '../transfer/download';
import { shownName } from '../transfer/names';
import { type Group, inFolder, type InFolder, type SealedFolder } from './grouping';
import type { ContentKind, Thumb } from './model';
import { readThumb, type SealedThumb } from './thumb';

export interface Manifest extends Extent {
  readonly kind: ContentKind;
  readonly name: string;
  readonly mime: string;
  readonly createdAt: number;
  readonly senderName: string;
  readonly thumb: Thumb | null;
  readonly folder: InFolder | null;
  /** All members as they came, also those that this client does not know. */
  readonly members: Readonly<Record<string, unknown>>;
}

/** Of a path below a shared folder, in UTF-8; what is read may have as many characters. */
const PATH_MAX_BYTES = 1024;
/** Names that a path may have: each costs those who read it. */
const PATH_MAX_NAMES = 64;

/** What a name without a visible mark is shown as. */
const NAMELESS_CONTENT = 'content';
const NAMELESS_FOLDER = 'folder';
export const NAMELESS_MEMBER = '?';

const rootHex = patterned(/^[0-9a-f]{64}$/);

const chunkSize: Decoder<number> = (value, path) => {
  const size = natural(value, path);
  const isPower = Number.isInteger(Math.log2(size));
  if (!isPower || size < LIMITS.CHUNK_SIZE_MIN_BYTES || size > LIMITS.CHUNK_SIZE_MAX_BYTES) {
    throw new DecodeError(path, 'a power of two from 16 KiB to 4 MiB');
  }
  return size;
};

const chunkCount: Decoder<number> = (value, path) => {
  const count = natural(value, path);
  if (count < 1 || count > LIMITS.CHUNK_COUNT_MAX) throw new DecodeError(path, '1 to 2^20');
  return count;
};

/** The last millisecond of the year 9999: a `Date` and its ISO 8601 form hold it. */
const INSTANT_MAX_MS = 253_402_300_799_999;

const instant: Decoder<number> = (value, path) => {
  const milliseconds = natural(value, path);
  if (milliseconds > INSTANT_MAX_MS) throw new DecodeError(path, 'a time before the year 10000');
  return milliseconds;
};

function hasFewNames(path: string): boolean {
  return path.split(/[/\\]/u).length <= PATH_MAX_NAMES;
}

/** Whether all clients read the path of a file that is to be shared. */
export function isPathShort(path: string): boolean {
  return utf8(path).byteLength <= PATH_MAX_BYTES && hasFewNames(path);
}

const boundedText: Decoder<string> = (value, path) => {
  const found = text(value, path);
  if (Array.from(found).length > PATH_MAX_BYTES) {
    throw new DecodeError(path, `at most ${String(PATH_MAX_BYTES)} characters`);
  }
  return found;
};

const pathText: Decoder<string> = (value, path) => {
  const found = boundedText(value, path);
  if (!hasFewNames(found)) throw new DecodeError(path, `at most ${String(PATH_MAX_NAMES)} names`);
  return found;
};

const groupId = patterned(/^[0-9a-f]{32}$/);

const group: Decoder<Group> = (value, path) => {
  const fields = new Fields(value, path);
  const count = fields.read('count', natural);
  if (count < 1) throw new DecodeError(`${path}.count`, 'at least 1');
  const name = shownName(fields.read('name', boundedText), NAMELESS_FOLDER);
  return { id: fields.read('id', groupId), name, count };
};

/** Where a content called `name` stands in a folder; null for what was shared by itself. */
function readFolder(fields: Fields, name: string): InFolder | null {
  const path = fields.read('path', nullable(pathText));
  const found = fields.read('group', nullable(group));
  return found === null ? null : inFolder({ path: path ?? name, group: found });
}

/** Read an opened manifest. Throws a DecodeError; members that are unknown stay in `members`. */
export function readManifest(value: unknown): Manifest {
  const fields = new Fields(value, 'manifest');
  if (fields.read('v', natural) !== 1) throw new DecodeError('manifest.v', '1');
  const name = shownName(fields.read('name', text), NAMELESS_CONTENT);
  const manifest = {
    kind: fields.read('kind', oneOf('text', 'picture', 'file')),
    name,
    mime: fields.read('mime', text),
    createdAt: fields.read('created', instant),
    senderName: shownName(fields.read('sender', text), NAMELESS_MEMBER),
    size: fields.read('size', nullable(natural)),
    chunkSize: fields.read('chunk_size', chunkSize),
    chunkCount: fields.read('chunks', nullable(chunkCount)),
    root: fields.read('root', nullable(rootHex)),
    thumb: isRecord(value) ? readThumb(value['thumb']) : null,
    folder: readFolder(fields, name),
    members: isRecord(value) ? value : {},
  };
  if (manifest.root !== null && (manifest.size === null || manifest.chunkCount === null)) {
    throw new DecodeError('manifest.root', 'no root without size and chunks');
  }
  const room = (manifest.chunkCount ?? Number.POSITIVE_INFINITY) * manifest.chunkSize;
  if (manifest.size !== null && manifest.size > room) {
    throw new DecodeError('manifest.size', 'no more than the chunks hold');
  }
  return manifest;
}

/** What is needed to write the manifest of a new content. */
export interface NewManifest {
  readonly kind: ContentKind;
  readonly name: string;
  readonly mime: string;
  readonly size: number;
  readonly chunkSize: number;
  readonly chunkCount: number;
  readonly createdAt: number;
  readonly senderName: string;
  /** Made by its sender, of a picture; null for all else. */
  readonly thumb: SealedThumb | null;
  readonly folder: SealedFolder | null;
}

/** The JSON members of a new manifest; `root` (hex) when the content is complete. */
export function writeManifest(content: NewManifest, root?: string): Record<string, unknown> {
  return {
    v: 1,
    kind: content.kind,
    name: content.name,
    mime: content.mime,
    size: content.size,
    chunk_size: content.chunkSize,
    chunks: content.chunkCount,
    created: content.createdAt,
    sender: content.senderName,
    ...(content.thumb === null ? {} : { thumb: content.thumb }),
    ...content.folder,
    ...(root === undefined ? {} : { root }),
  };
}
