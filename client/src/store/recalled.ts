/** An upload of an earlier life of the page: what is kept of it, and which file it was. */
import { readUtf8, utf8 } from '../crypto/bytes';
import {
  boolean,
  type Decoder,
  DecodeError,
  Fields,
  natural,
  nullable,
  oneOf,
  text,
} from '../protocol/decode';
import { isInline, layoutOf } from '../transfer/sizes';
import type { NewContent } from '../crypto/port';
import type { Draft } from './drafting';
import type { NewManifest } from './manifest';
import type { Group, SealedFolder } from './grouping';
import { sealedThumb } from './thumb';

interface About {
  readonly contentId: string;
  /** Whether its keys follow from its bytes. */
  readonly isEqual: boolean;
  readonly lifetimeSeconds: number | null;
  /** When its file was changed last, milliseconds since 1970. */
  readonly modifiedAt: number;
  readonly manifest: NewManifest;
}

/** One that had its keys: the server may have a part of it. */
export interface Sealed extends About {
  readonly blobId: string;
  readonly contentBox: string;
}

/** One that waited for its turn, or for its file to be read: the server has nothing of it. */
export interface Waiting extends About {
  readonly blobId: null;
  readonly contentBox: null;
}

export type Recalled = Sealed | Waiting;

/** What is kept of a draft; null for what is sent at once, and for what is no file. */
export function recalledOf(
  { contentId, modifiedAt, manifest, layout }: Draft,
  made: NewContent | null,
  isEqual: boolean,
  lifetimeSeconds: number | null,
): Recalled | null {
  if (modifiedAt === null || isInline(layout)) return null;
  const about = { contentId, isEqual, lifetimeSeconds, modifiedAt, manifest };
  if (made === null) return { ...about, blobId: null, contentBox: null };
  const { blobId, contentBox } = made;
  return { ...about, blobId, contentBox };
}

/** What is left of it when the server has nothing of it any more. */
export function unsent(recalled: Recalled): Waiting {
  return { ...recalled, blobId: null, contentBox: null };
}

const FORM = 2;

export function writeRecalled(recalled: Recalled): Uint8Array<ArrayBuffer> {
  return utf8(JSON.stringify({ form: FORM, ...recalled }));
}

const groupOf: Decoder<Group> = (value, path) => {
  const fields = new Fields(value, path);
  const [id, name] = [fields.read('id', text), fields.read('name', text)];
  return { id, name, count: fields.read('count', natural) };
};

const folderOf: Decoder<SealedFolder> = (value, path) => {
  const fields = new Fields(value, path);
  return { path: fields.read('path', text), group: fields.read('group', groupOf) };
};

const manifestOf: Decoder<NewManifest> = (value, path) => {
  const fields = new Fields(value, path);
  return {
    kind: fields.read('kind', oneOf('text', 'picture', 'file')),
    name: fields.read('name', text),
    mime: fields.read('mime', text),
    size: fields.read('size', natural),
    chunkSize: fields.read('chunkSize', natural),
    chunkCount: fields.read('chunkCount', natural),
    createdAt: fields.read('createdAt', natural),
    senderName: fields.read('senderName', text),
    thumb: fields.read('thumb', nullable(sealedThumb)),
    folder: fields.read('folder', nullable(folderOf)),
  };
};

/** Read what was kept. Throws a DecodeError or CryptoError for what this page cannot go on with. */
export function readRecalled(bytes: Uint8Array): Recalled {
  const value: unknown = JSON.parse(readUtf8(bytes));
  const fields = new Fields(value, 'upload');
  if (fields.read('form', natural) !== FORM) throw new DecodeError('upload.form', String(FORM));
  const manifest = fields.read('manifest', manifestOf);
  const { chunkSize, chunkCount } = layoutOf(manifest.size);
  if (manifest.chunkSize !== chunkSize || manifest.chunkCount !== chunkCount) {
    throw new DecodeError('upload.manifest', 'the chunks that this page makes');
  }
  const about = {
    contentId: fields.read('contentId', text),
    isEqual: fields.read('isEqual', boolean),
    lifetimeSeconds: fields.read('lifetimeSeconds', nullable(natural)),
    modifiedAt: fields.read('modifiedAt', natural),
    manifest,
  };
  const blobId = fields.read('blobId', nullable(text));
  if (blobId === null) return { ...about, blobId, contentBox: null };
  return { ...about, blobId, contentBox: fields.read('contentBox', text) };
}

/**
 * How a file stands to the one that was being sent: `same` may go on, `changed` is sent as new,
 * `other` is none of it. That it has the same bytes is proved when it is read.
 */
export function fitOf({ manifest, modifiedAt, isEqual, blobId }: Recalled, file: File): Fit {
  if (file.name !== manifest.name) return 'other';
  // Its own keys prove the bytes that were sent alone, those of equal files the whole of it; before
  // it had keys there is nothing but its time.
  const isLikely = (isEqual && blobId !== null) || file.lastModified === modifiedAt;
  return file.size === manifest.size && isLikely ? 'same' : 'changed';
}

export type Fit = 'same' | 'changed' | 'other';
