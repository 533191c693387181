import { describe, expect, it } from 'vitest';

import { decodeAnnounced, readAnswer } from './control';
import { DecodeError, Fields, integer, listOf, nullable, oneOf, pairOf, patterned } from './decode';
import { ProblemError } from './errors';
import { decodeContent, decodePage } from './generated';

const CONTENT = {
  content_id: 'a'.repeat(32),
  blob_id: 'b'.repeat(32),
  position: 4,
  revision: 9,
  state: 'uploading',
  chunk_size: 16384,
  created_at: 1_700_000_000_000,
  content_box: 'A'.repeat(134),
  manifest: 'AAAA',
};

function pathOfFault(act: () => unknown): string {
  try {
    act();
  } catch (fault) {
    if (fault instanceof DecodeError) return fault.path;
    throw fault;
  }
  return 'no fault';
}

describe('a content off the wire', () => {
  it('gets the defaults of what is left out, and loses what is unknown', () => {
    const content = decodeContent({ ...CONTENT, colour: 'red' }, 'content');
    expect(content).toEqual({
      ...CONTENT,
      pinned: false,
      chunk_count: null,
      total_size: null,
      stored_count: 0,
      stored_bytes: 0,
      sender: null,
      chunk: null,
      expires_at: null,
    });
  });

  it.each([
    ['content_id', 'A'.repeat(32)],
    ['content_id', 'a'.repeat(31)],
    ['content_id', `${'a'.repeat(32)}\n`],
    ['blob_id', 7],
    ['position', -1],
    ['revision', 1.5],
    ['revision', 2 ** 53],
    ['revision', '9'],
    ['state', 'done'],
    ['state', 'toString'],
    ['pinned', 1],
    ['chunk_size', null],
    ['content_box', 'A'.repeat(133)],
    ['manifest', 'AA=='],
    ['manifest', ''],
    ['manifest', 'A'.repeat(21895)],
    ['sender', 'nobody'],
  ])('is refused for its %s %j', (name, value) => {
    const fault = pathOfFault(() => decodeContent({ ...CONTENT, [name]: value }, 'content'));
    expect(fault).toBe(`content.${name}`);
  });

  it.each(Object.keys(CONTENT))('is refused without its %s', (name) => {
    const rest = Object.fromEntries(Object.entries(CONTENT).filter(([key]) => key !== name));
    expect(pathOfFault(() => decodeContent(rest, 'content'))).toBe(`content.${name}`);
  });

  it.each([null, undefined, [], 'text', 4])('is no %j', (value) => {
    expect(pathOfFault(() => decodeContent(value, 'content'))).toBe('content');
  });
});

describe('a page', () => {
  it('says where in its list the fault is', () => {
    const page = { revision: 1, through: 1, contents: [CONTENT, { ...CONTENT, state: 1 }] };
    expect(pathOfFault(() => decodePage(page, 'page'))).toBe('page.contents[1].state');
  });

  it('does not take members of the prototype for its own', () => {
    const page: unknown = Object.create({ revision: 1, through: 1, contents: [] });
    expect(pathOfFault(() => decodePage(page, 'page'))).toBe('page.revision');
  });
});

describe('the parts of decoders', () => {
  it('read pairs, lists, nulls and choices', () => {
    expect(pairOf(integer, integer)([1, 2], 'p')).toEqual([1, 2]);
    expect(listOf(integer)([], 'l')).toEqual([]);
    expect(nullable(integer)(undefined, 'n')).toBeNull();
    expect(oneOf('a', 'b')('b', 'o')).toBe('b');
    expect(new Fields({ a: 0 }, 'f').read('a', integer, 5)).toBe(0);
  });

  it.each([[[1]], [[1, 2, 3]], [['1', 2]], ['12'], [null]])('refuse %j as a pair', (value) => {
    expect(() => pairOf(integer, integer)(value, 'p')).toThrow(DecodeError);
  });

  it('refuse a longer text than allowed', () => {
    expect(() => patterned(/^a+$/, 3)('aaaa', 't')).toThrow(DecodeError);
    expect(patterned(/^a+$/, 3)('aaa', 't')).toBe('aaa');
  });
});

describe('an acknowledgement', () => {
  it('gives the result by the decoder of its request', () => {
    expect(readAnswer('session:create', { result: { created: true } })).toEqual({ created: true });
    expect(readAnswer('session:leave', { result: {} })).toEqual({});
  });

  it('throws the failure of the server with what it says', () => {
    const error = {
      code: 'chunks_missing',
      message: 'Send them.',
      missing: [[0, 3]],
      retry_after_seconds: 7,
    };
    const problem = (() => {
      try {
        return readAnswer('content:complete', { error });
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(problem).toBeInstanceOf(ProblemError);
    expect(problem).toMatchObject({
      code: 'chunks_missing',
      message: 'Send them.',
      retryable: false,
      retryAfterSeconds: 7,
    });
  });

  it.each([undefined, null, {}, { result: null }, { result: { created: 'yes' } }, { error: {} }])(
    'is refused as %j',
    (answer) => {
      expect(() => readAnswer('session:create', answer)).toThrow(DecodeError);
    },
  );
});

describe('an announcement', () => {
  it('is decoded by its name', () => {
    const body = { revision: 3, content_ids: ['c'.repeat(32)], reason: 'expired' };
    expect(decodeAnnounced('content:removed', body)).toEqual({ event: 'content:removed', body });
  });

  it('of a newer server is passed over', () => {
    expect(decodeAnnounced('content:seen', {})).toBeNull();
    expect(decodeAnnounced('toString', {})).toBeNull();
  });

  it.each([
    ['member:joined', { revision: 1, member: {} }],
    ['member:left', { revision: 1, member_id: 'x' }],
    ['content:changed', { revision: 1 }],
    ['content:progressed', { content_id: 'c'.repeat(32), stored_count: 1 }],
    ['content:removed', { revision: 1, content_ids: ['c'.repeat(32)], reason: 'lost' }],
    ['contents:cleared', { reason: 'cleared' }],
    ['event:sent', { member_id: 'c'.repeat(32), sealed: '' }],
  ])('%s is refused when it is malformed', (event, body) => {
    expect(() => decodeAnnounced(event, body)).toThrow(DecodeError);
  });
});
