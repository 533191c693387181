/** An upload that an earlier life of the page began: what is kept of it, and which file it was. */
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
import { layoutOf } from '../transfer/sizes';
import type { NewManifest } from './manifest';
import type { Group, SealedFolder } from './grouping';
import { sealedThumb } from './thumb';

export interface Recalled {
  readonly contentId: string;
  readonly blobId: string;
  readonly contentBox: string;
  /** Whether its keys follow from its bytes. */
  readonly isEqual: boolean;
  readonly lifetimeSeconds: number | null;
  /** When its file was changed last, milliseconds since 1970. */
  readonly modifiedAt: number;
  readonly manifest: NewManifest;
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
  return {
    contentId: fields.read('contentId', text),
    blobId: fields.read('blobId', text),
    contentBox: fields.read('contentBox', text),
    isEqual: fields.read('isEqual', boolean),
    lifetimeSeconds: fields.read('lifetimeSeconds', nullable(natural)),
    modifiedAt: fields.read('modifiedAt', natural),
    manifest,
  };
}

/**
 * How a file stands to the one that was being sent: `same` may go on, `changed` is sent as new,
 * `other` is none of it. That it has the same bytes is proved when it is read.
 */
export function fitOf({ manifest, modifiedAt, isEqual }: Recalled, file: File): Fit {
  if (file.name !== manifest.name) return 'other';
  // Its own keys prove the bytes that were sent alone, those of equal files the whole of it.
  const isLikely = isEqual || file.lastModified === modifiedAt;
  return file.size === manifest.size && isLikely ? 'same' : 'changed';
}

export type Fit = 'same' | 'changed' | 'other';
