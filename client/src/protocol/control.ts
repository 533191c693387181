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

export interface ControlListeners {
  readonly onAnnounced: (announced: Announced) => void;
  /** The connection is gone, once; not after `close`. */
  readonly onLost: () => void;
}

/** A connection that is open. */
export interface Control {
  readonly request: <Event extends keyof Requests>(
    event: Event,
    body: Requests[Event]['request'],
  ) => Promise<Requests[Event]['reply']>;
  readonly close: () => void;
}

/** Connect below the page's base; rejects with `offline` when that fails. */
async function connect(): Promise<Socket> {
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
    socket.once('connect', resolve);
    socket.once('connect_error', (cause: Error) => {
      socket.close();
      reject(ownProblem('offline', cause));
    });
  });
  return socket;
}

/** Open a connection; rejects with `offline` when there is none. */
export async function openControl(listeners: ControlListeners): Promise<Control> {
  const socket = await connect();
  const pace = new Pace();
  let closed = false;
  const lose = () => {
    if (closed) return;
    closed = true;
    socket.close();
    listeners.onLost();
  };
  socket.on('disconnect', lose);
  socket.onAny((event: string, body: unknown) => {
    try {
      const announced = decodeAnnounced(event, body);
      if (announced !== null && !closed) listeners.onAnnounced(announced);
    } catch {
      lose();
    }
  });
  return {
    request: async (event, body) => {
      await pace.turn();
      if (closed) throw ownProblem('offline');
      const answer: unknown = await socket
        .timeout(REQUEST_MS)
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
    close: () => {
      closed = true;
      socket.close();
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
    case 'event:sent':
      return { event, body: announcementDecoders[event](body, event) };
  }
}
