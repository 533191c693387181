/**
 * The control plane: typed requests and announcements over one Socket.IO connection.
 *
 * It never reconnects by itself: a new connection needs a new join, so the store decides.
 */
import { io, type Socket } from 'socket.io-client';

import { socketUrl } from './address';
import { asProblem, ownProblem, problemOf } from './errors';
import {
  announcementDecoders,
  type Announcements,
  decodeAnswer,
  replyDecoders,
  type Requests,
} from './generated';
import { Pace } from './pace';

const CONNECT_MS = 20_000;
const REQUEST_MS = 20_000;

/** One announcement with its name. */
export type Announced = {
  readonly [Event in keyof Announcements]: {
    readonly event: Event;
    readonly body: Announcements[Event];
  };
}[keyof Announcements];

/** A connection that is open. */
export interface Control {
  /** Ask; `moreMs` is what the answer may take beyond the usual. */
  readonly request: <Event extends keyof Requests>(
    event: Event,
    body: Requests[Event]['request'],
    moreMs?: number,
  ) => Promise<Requests[Event]['reply']>;
}

/** Connect below the page's base, until `signal`; rejects with `offline` when that fails. */
async function connect(signal: AbortSignal): Promise<Socket> {
  if (signal.aborted) throw ownProblem('cancelled');
  const url = socketUrl(document.baseURI);
  const socket = io(url.origin, {
    path: url.pathname,
    transports: ['websocket', 'polling'],
    tryAllTransports: true,
    reconnection: false,
    forceNew: true,
    timeout: CONNECT_MS,
    withCredentials: false,
  });
  await new Promise<void>((resolve, reject) => {
    const end = () => {
      socket.close();
      reject(ownProblem('cancelled'));
    };
    signal.addEventListener('abort', end, { once: true });
    socket.once('connect', resolve);
    socket.once('connect_error', (cause: Error) => {
      socket.close();
      reject(ownProblem('offline', cause));
    });
  });
  return socket;
}

/**
 * Open a connection; rejects with `offline` when there is none.
 *
 * `lost` is aborted when the connection is gone or brings nonsense; aborting it closes it.
 */
export async function openControl(
  onAnnounced: (announced: Announced) => void,
  lost: AbortController,
): Promise<Control> {
  const { signal } = lost;
  const socket = await connect(signal);
  const pace = new Pace();
  socket.on('disconnect', () => {
    lost.abort();
  });
  socket.onAny((event: string, body: unknown) => {
    if (signal.aborted) return;
    try {
      const announced = decodeAnnounced(event, body);
      if (announced !== null) onAnnounced(announced);
    } catch {
      lost.abort();
    }
  });
  return {
    request: async (event, body, moreMs = 0) => {
      await pace.turn();
      if (signal.aborted) throw ownProblem('offline');
      const answer: unknown = await socket
        .timeout(REQUEST_MS + moreMs)
        .emitWithAck(event, body)
        .catch((cause: unknown) => {
          throw ownProblem(socket.connected ? 'timeout' : 'offline', cause);
        });
      try {
        return readAnswer(event, answer);
      } catch (thrown) {
        throw asProblem(thrown);
      }
    },
  };
}

/** Read an acknowledgement: the result of its request, or the server's failure thrown. */
export function readAnswer<Event extends keyof Requests>(
  event: Event,
  answer: unknown,
): Requests[Event]['reply'] {
  const { result, error } = decodeAnswer(answer, event);
  if (error !== null) throw problemOf(error);
  return replyDecoders[event](result, `${event}.result`);
}

function isAnnouncement(event: string): event is keyof Announcements {
  return Object.hasOwn(announcementDecoders, event);
}

/** Read an announcement; null for one that a newer server makes. Throws a DecodeError. */
export function decodeAnnounced(event: string, body: unknown): Announced | null {
  if (!isAnnouncement(event)) return null;
  switch (event) {
    case 'member:joined':
      return { event, body: announcementDecoders[event](body, event) };
    case 'member:left':
      return { event, body: announcementDecoders[event](body, event) };
    case 'content:changed':
      return { event, body: announcementDecoders[event](body, event) };
    case 'content:progressed':
      return { event, body: announcementDecoders[event](body, event) };
    case 'content:removed':
      return { event, body: announcementDecoders[event](body, event) };
    case 'contents:cleared':
      return { event, body: announcementDecoders[event](body, event) };
    case 'session:ended':
      return { event, body: announcementDecoders[event](body, event) };
    case 'member:idled':
      return { event, body: announcementDecoders[event](body, event) };
    case 'event:sent':
      return { event, body: announcementDecoders[event](body, event) };
  }
}
