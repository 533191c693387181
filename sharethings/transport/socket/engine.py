"""Socket.IO as this server needs it: its insides are touched here, in frames.py and rooms.py.

Found in the stack (docs/decisions/0003-socketio-hardening.md): compression costs up to twenty
times the CPU, binary packets are gathered without bound, CORS handling believes headers that
anybody may send, nothing bounds what waits for a client that does not read, and a Socket.IO
disconnect leaves the WebSocket open. The Origin is checked by `app.py`.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING, Any

import engineio
import socketio
import structlog
from aiohttp import hdrs, web
from engineio.async_drivers.aiohttp import translate_request
from engineio.packet import CLOSE
from engineio.packet import Packet as EnginePacket
from engineio.payload import Payload
from socketio.packet import ACK, EVENT

from sharethings.protocol.bulk import SOCKET_PATH
from sharethings.transport.socket.frames import Framed, Outbox, PlainWebSocket, TextPacket
from sharethings.transport.socket.rooms import Rooms
from sharethings.transport.socket.waiting import Waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from engineio.async_socket import AsyncSocket

    from sharethings.config import Settings
    from sharethings.protocol.announcements import Announcement

    Reply = Callable[[object], Coroutine[Any, Any, None]]

log = structlog.get_logger(__name__)
BODY = web.RequestKey("body", bytes)
PING_INTERVAL_SECONDS = 25
PING_TIMEOUT_SECONDS = 20
GOODBYE_SECONDS = 5.0
"""Time in which a closed connection may still read what was sent before."""


class BoundedEngine(engineio.AsyncServer):
    """engine.io with a bound on what waits for one client, and connections that end."""

    waiting_count = 0
    waiting_bytes = 0
    body_seconds = 0

    def __init__(self, **options: Any) -> None:  # noqa: ANN401
        """Take engine.io's options; no request is under way, and nothing is to be sent."""
        super().__init__(**options)
        self._polls: set[tuple[str, str]] = set()
        self.outbox = Outbox()

    async def handle_request(self, request: web.Request) -> web.StreamResponse:
        """Answer a request; of a polling client one GET and one POST at a time."""
        sid = request.query.get("sid", "")
        socket: AsyncSocket | None = self.sockets.get(sid)
        if socket is not None and socket.closed:
            del self.sockets[sid]
        if socket is None or hdrs.UPGRADE in request.headers:
            return await self._answer(request)
        poll = (sid, request.method)
        if poll in self._polls:
            await self.cut(sid)
            raise web.HTTPBadRequest
        self._polls.add(poll)
        try:
            if request.method == hdrs.METH_POST:
                await self._read(request, sid)
            return await self._answer(request)
        finally:
            self._polls.discard(poll)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        answer: web.StreamResponse = await super().handle_request(request)
        return answer

    async def _read(self, request: web.Request, sid: str) -> None:
        """Read the body of a POST whole: engine.io takes what is there. Cuts what is no payload."""
        size = request.content_length or 0
        if size > self.max_http_buffer_size:
            raise web.HTTPRequestEntityTooLarge(self.max_http_buffer_size, size)
        try:
            async with asyncio.timeout(self.body_seconds):
                body = await request.content.readexactly(size)
            Payload(encoded_payload=body.decode())
        except (TimeoutError, asyncio.IncompleteReadError, ValueError) as error:
            log.warning("malformed_packet", kind=type(error).__name__)
            await self.cut(sid)
            raise web.HTTPBadRequest from error
        request[BODY] = body

    def create_queue(self, *_: object, **__: object) -> Waiting:
        """Give a connection what keeps its packets."""
        return Waiting(self.waiting_count, self.waiting_bytes)

    async def send_packet(self, sid: str, pkt: engineio.packet.Packet) -> None:
        """Queue a packet; a client that leaves too much unread is cut off and must rejoin."""
        socket: AsyncSocket | None = self.sockets.get(sid)
        if socket is not None and socket.queue.is_slow():
            log.warning("slow_client_dropped")
            await self.cut(sid)
        else:
            await super().send_packet(sid, pkt)

    async def cut(self, sid: str) -> None:
        """End a connection at once, whatever it still has to read."""
        socket: AsyncSocket | None = self.sockets.get(sid)
        if socket is not None:
            await socket.close(wait=False, abort=True)
            if not socket.upgraded:  # let a GET that waits go
                socket.queue.put_nowait(EnginePacket(CLOSE))
                socket.queue.put_nowait(None)
            _abort(socket)

    async def end(self, sid: str) -> None:
        """End a connection when its client has read what was sent before."""
        socket: AsyncSocket | None = self.sockets.get(sid)
        if socket is not None:
            await socket.close(wait=False)

    async def disconnect(self, sid: str | None = None) -> None:
        """End a connection that engine.io gives up: its client polled amiss, or sent an odd packet.

        By itself it would wait until the client had read all.
        """
        log.warning("polling_given_up")
        if sid is not None:
            await self.cut(sid)

    async def cut_all(self) -> None:
        """End all connections."""
        await asyncio.gather(*(self.cut(sid) for sid in list(self.sockets)))

    def close_soon(self, sid: str) -> None:
        """Let go of a closed connection also when its client reads nothing more."""
        socket: AsyncSocket | None = self.sockets.get(sid)
        if socket is not None:
            asyncio.get_running_loop().call_later(GOODBYE_SECONDS, _abort, socket)


class _Body:
    """A body that was read, as engine.io reads it."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    async def read(self, _size: int) -> bytes:
        return self._body


def _translate(request: web.Request) -> dict[str, Any]:
    environ: dict[str, Any] = translate_request(request)
    if BODY in request:
        environ["wsgi.input"] = _Body(request[BODY])
    return environ


def _abort(socket: AsyncSocket) -> None:
    transport: asyncio.Transport | None = getattr(socket, "tcp", None)
    if transport is not None:
        transport.abort()


class StrictServer(socketio.AsyncServer):
    """Socket.IO that ends a connection at its first packet that is none.

    `on_open(eio_sid, environ)` says whether a connection is let in, `on_close(eio_sid)` is told
    once when it has ended, whoever ended it. `on_event(eio_sid, name, arguments, reply)` is told
    of each event, the next one when it returns; `reply` may be called later.
    """

    eio: BoundedEngine
    on_open: Callable[[str, dict[str, Any]], bool]
    on_close: Callable[[str], Coroutine[Any, Any, None]]
    on_event: Callable[[str, str, list[Any], Reply], Coroutine[Any, Any, None]]

    def __init__(self, **options: Any) -> None:  # noqa: ANN401
        """Take Socket.IO's options; nobody is connected."""
        super().__init__(**options)
        self._closing: set[asyncio.Task[None]] = set()

    def _engineio_server_class(self) -> type[BoundedEngine]:
        return BoundedEngine

    async def _handle_eio_connect(  # type: ignore[override]
        self, eio_sid: str, environ: dict[str, Any]
    ) -> bool:
        await super()._handle_eio_connect(eio_sid, environ)
        is_open = self.on_open(eio_sid, environ)
        if is_open:
            self.environ[eio_sid] = {}  # theirs would keep the request
        else:
            del self.environ[eio_sid]
        return is_open

    async def _handle_eio_disconnect(self, eio_sid: str, reason: str) -> None:  # type: ignore[override]
        await super()._handle_eio_disconnect(eio_sid, reason)
        self.eio.close_soon(eio_sid)
        # Apart: somebody can be cut off while others are told something. They are told that
        # first, and however many are cut off, nobody is told inside of another's telling.
        closing = asyncio.create_task(self.on_close(eio_sid))
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    async def cut_all(self) -> None:
        """End all connections, and wait until all are told: the server stops."""
        await self.eio.cut_all()
        while self._closing:
            await asyncio.wait(self._closing)

    async def _handle_disconnect(
        self, eio_sid: str, namespace: str, reason: str | None = None
    ) -> None:
        """End the whole connection when the client leaves its namespace: there is no other."""
        await super()._handle_disconnect(eio_sid, namespace, reason)
        await self.eio.end(eio_sid)

    async def _handle_event(
        self, eio_sid: str, namespace: str | None, number: int | None, data: object
    ) -> None:
        """Hand an event on. Raises ValueError when it is none."""
        if not isinstance(data, list) or not data or not isinstance(data[0], str):
            message = "not an event"
            raise ValueError(message)
        sid = self.manager.sid_from_eio_sid(eio_sid, "/")
        if self.manager.is_connected(sid, namespace or "/"):
            name, *arguments = data
            await self.on_event(eio_sid, name, arguments, partial(self._reply, eio_sid, number))

    async def tell(self, eio_sid: str, announcement: Announcement) -> None:
        """Send an announcement to one client."""
        packet = TextPacket(EVENT, namespace="/", data=[announcement.event, announcement])
        await Framed(packet).send(self.eio, eio_sid)

    async def _reply(self, eio_sid: str, number: int | None, answer: object) -> None:
        if number is not None:
            packet = TextPacket(ACK, namespace="/", id=number, data=[answer])
            await Framed(packet).send(self.eio, eio_sid)

    async def _handle_eio_message(self, eio_sid: str, data: str | bytes) -> None:  # type: ignore[override]
        if eio_sid not in self.environ:
            return  # closed already
        try:
            await super()._handle_eio_message(eio_sid, data)
        except Exception as error:  # noqa: BLE001 - our own handlers answer all their failures
            log.warning("malformed_packet", kind=type(error).__name__)
            await self.eio.cut(eio_sid)


def make_server(app: web.Application, settings: Settings) -> StrictServer:
    """Put a Socket.IO server into `app`; events of one connection are handled in order."""
    quiet = logging.getLogger("sharethings.socketio")
    quiet.setLevel(logging.CRITICAL)  # theirs are lines for developers, a traceback a packet
    server = StrictServer(
        async_mode="aiohttp",
        serializer=TextPacket,
        client_manager=Rooms(),
        async_handlers=False,
        cors_allowed_origins=[],
        max_http_buffer_size=settings.control_event_bytes,
        http_compression=False,
        ping_interval=PING_INTERVAL_SECONDS,
        ping_timeout=PING_TIMEOUT_SECONDS,
        logger=quiet,
        engineio_logger=quiet,
    )
    server.eio.waiting_count = settings.waiting_packets_count
    server.eio.waiting_bytes = settings.waiting_bytes
    server.eio.body_seconds = settings.body_seconds
    Payload.max_decode_packets = settings.control_events_burst
    # engine.io has no option for these
    server.eio._async = {  # noqa: SLF001
        **server.eio._async,  # type: ignore[dict-item]  # noqa: SLF001
        "websocket": PlainWebSocket,
        "translate_request": _translate,
    }
    server.attach(app, SOCKET_PATH.strip("/"))

    async def end_all(_app: web.Application) -> None:
        await server.cut_all()

    app.on_shutdown.append(end_all)
    return server
