"""Packets and frames: what goes over a connection, and what may come."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp import web
from engineio.async_drivers.aiohttp import WebSocket
from engineio.packet import MESSAGE
from engineio.packet import Packet as EnginePacket
from socketio.packet import BINARY_ACK, BINARY_EVENT, Packet

if TYPE_CHECKING:
    from engineio.async_socket import AsyncSocket

    from sharethings.transport.socket.engine import BoundedEngine

PACKET_TYPES = frozenset("0123456")
"""How a text frame of engine.io begins; "b" and binary frames would carry attachments."""
TOGETHER_BYTES = 64 * 1024
"""Of one connection in one turn; then the system says whether it takes more."""


class PlainWebSocket(WebSocket):
    """engine.io's WebSocket without permessage-deflate; its engine.io socket can abort it."""

    async def __call__(self, environ: dict[str, Any]) -> web.WebSocketResponse:
        """Answer the upgrade and run the connection."""
        request: web.Request = environ["aiohttp.request"]
        socket = self.handler.__self__
        if socket.upgrading or request.transport is None:
            raise web.HTTPBadRequest
        socket.tcp = request.transport
        self._sock = web.WebSocketResponse(
            max_msg_size=self.server.max_http_buffer_size, compress=False
        )
        await self._sock.prepare(request)
        # What was said to begin with is not needed again, and would be kept until the end.
        environ.clear()
        self._sock.headers.clear()
        await self.handler(self)
        return self._sock

    async def wait(self) -> str | None:
        """Give the next frame; one that is no packet of engine.io ends the connection."""
        frame: str | bytes | None = await super().wait()
        if isinstance(frame, str) and frame[:1] in PACKET_TYPES:
            return frame
        return None


class Json:
    """JSON of packets: what is said are messages of our protocol."""

    loads = staticmethod(json.loads)

    @staticmethod
    def dumps(data: object, **_: object) -> str:
        """Write a packet's data."""
        return msgspec.json.encode(data).decode()


class TextPacket(Packet):
    """A packet without attachments: bytes travel on the bulk plane only."""

    uses_binary_events = False
    json = Json  # type: ignore[assignment]

    def decode(self, encoded_packet: str) -> int:
        """Read a packet. Raises ValueError for one that announces attachments."""
        if encoded_packet[:1] in {str(BINARY_ACK), str(BINARY_EVENT)}:
            message = "binary packets are not accepted"
            raise ValueError(message)
        count: int | None = super().decode(encoded_packet)
        return count or 0


class Outbox:
    """Frames for connections for which nothing else waits.

    What is told in one turn of the loop is given to the system at its end: one call for each
    connection, however many messages share a commit.
    """

    def __init__(self) -> None:
        """Start empty."""
        self._waiting: dict[asyncio.Transport, bytearray] = {}

    def add(self, tcp: asyncio.Transport, frame: bytes) -> None:
        """Send a frame at the end of this turn, or when so many bytes wait for the connection."""
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._send)
        waiting = self._waiting.setdefault(tcp, bytearray())
        waiting += frame
        if len(waiting) >= TOGETHER_BYTES:
            tcp.write(self._waiting.pop(tcp))

    def _send(self) -> None:
        waiting, self._waiting = self._waiting, {}
        for tcp, frames in waiting.items():
            if not tcp.is_closing():
                tcp.write(frames)


class Framed:
    """A packet of Socket.IO, framed once."""

    def __init__(self, packet: TextPacket) -> None:
        """Frame it."""
        self._packet = EnginePacket(MESSAGE, packet.encode())
        self._frame = text_frame(self._packet.encode())

    async def send(self, engine: BoundedEngine, eio_sid: str) -> None:
        """Send it; to a client for whom nothing waits it goes at once, for others it is queued."""
        tcp = _idle(engine.sockets.get(eio_sid))
        if tcp is not None:
            engine.outbox.add(tcp, self._frame)
        else:
            await engine.send_packet(eio_sid, self._packet)


def text_frame(text: str) -> bytes:
    """Give a whole message as a server frames it: final, text, not masked (RFC 6455, 5.2)."""
    payload = text.encode()
    size = len(payload)
    if size < 126:  # noqa: PLR2004 - 126 and 127 say how long the length is
        length = bytes([size])
    elif size < 2**16:
        length = b"\x7e" + size.to_bytes(2)
    else:
        length = b"\x7f" + size.to_bytes(8)
    return b"\x81" + length + payload


def _idle(socket: AsyncSocket | None) -> asyncio.Transport | None:
    """Give the connection of a WebSocket when all that was queued for it has left.

    Its one writer waits for the queue then, so that nothing can overtake anything.
    """
    tcp: asyncio.Transport | None = getattr(socket, "tcp", None)
    if socket is None or tcp is None or not socket.upgraded or socket.closed:
        return None
    waits = socket.queue.is_awaited()
    return tcp if waits and not tcp.is_closing() and not tcp.get_write_buffer_size() else None
