"""Socket.IO as this server needs it: the one place that touches its insides.

Found in the stack (docs/decisions/0003-socketio-hardening.md): compression costs up to twenty
times the CPU, binary packets are gathered without bound, and CORS handling believes headers
that anybody may send. All three are off; the Origin is checked by `app.py`.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import socketio
import structlog
from aiohttp import web
from engineio.async_drivers.aiohttp import WebSocket
from socketio.packet import BINARY_ACK, BINARY_EVENT, Packet

if TYPE_CHECKING:
    from sharethings.config import Settings

log = structlog.get_logger(__name__)
PING_INTERVAL_SECONDS = 25
PING_TIMEOUT_SECONDS = 20


class PlainWebSocket(WebSocket):
    """engine.io's WebSocket without permessage-deflate."""

    async def __call__(self, environ: dict[str, Any]) -> web.WebSocketResponse:
        """Answer the upgrade and run the connection."""
        self._sock = web.WebSocketResponse(
            max_msg_size=self.server.max_http_buffer_size, compress=False
        )
        await self._sock.prepare(environ["aiohttp.request"])
        self.environ = environ
        await self.handler(self)
        return self._sock


class TextPacket(Packet):
    """A packet without attachments: bytes travel on the bulk plane only."""

    uses_binary_events = False

    def decode(self, encoded_packet: str) -> int:
        """Read a packet. Raises ValueError for one that announces attachments."""
        if encoded_packet[:1] in {str(BINARY_EVENT), str(BINARY_ACK)}:
            message = "binary packets are not accepted"
            raise ValueError(message)
        count: int | None = super().decode(encoded_packet)  # type: ignore[no-untyped-call]
        return count or 0


class StrictServer(socketio.AsyncServer):
    """A server that ends a connection at its first packet that is none."""

    async def _handle_eio_message(self, eio_sid: str, data: str | bytes) -> None:  # type: ignore[override]
        try:
            await super()._handle_eio_message(eio_sid, data)  # type: ignore[no-untyped-call]
        except Exception as error:  # noqa: BLE001 - our own handlers answer all their failures
            log.warning("malformed_packet", kind=type(error).__name__)
            await self.eio.disconnect(eio_sid)


def make_server(settings: Settings) -> socketio.AsyncServer:
    """Make the Socket.IO server; events of one connection are handled in order."""
    quiet = logging.getLogger("sharethings.socketio")
    quiet.setLevel(logging.CRITICAL)  # theirs are lines for developers, a traceback a packet
    server: socketio.AsyncServer = StrictServer(  # type: ignore[no-untyped-call]
        async_mode="aiohttp",
        serializer=TextPacket,
        async_handlers=False,
        cors_allowed_origins=[],
        max_http_buffer_size=settings.control_event_bytes,
        http_compression=False,
        ping_interval=PING_INTERVAL_SECONDS,
        ping_timeout=PING_TIMEOUT_SECONDS,
        logger=quiet,
        engineio_logger=quiet,
    )
    driver = dict(server.eio._async)  # noqa: SLF001 - engine.io has no option for it
    driver["websocket"] = PlainWebSocket
    server.eio._async = driver  # noqa: SLF001
    return server
