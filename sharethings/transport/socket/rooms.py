"""What goes to all members of a session: one packet, framed once.

Socket.IO's own manager begins a task for each receiver, which wakes another one, which frames the
packet anew (docs/decisions/0027-framed-once.md).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import socketio
from engineio.packet import MESSAGE
from engineio.packet import Packet as EnginePacket
from socketio.packet import BINARY_ACK, BINARY_EVENT, EVENT, Packet

if TYPE_CHECKING:
    from engineio.async_socket import AsyncSocket

    from sharethings.transport.socket.engine import StrictServer


class TextPacket(Packet):
    """A packet without attachments: bytes travel on the bulk plane only."""

    uses_binary_events = False

    def decode(self, encoded_packet: str) -> int:
        """Read a packet. Raises ValueError for one that announces attachments."""
        if encoded_packet[:1] in {str(BINARY_ACK), str(BINARY_EVENT)}:
            message = "binary packets are not accepted"
            raise ValueError(message)
        count: int | None = super().decode(encoded_packet)
        return count or 0


class Rooms(socketio.AsyncManager):
    """Who is in which session."""

    server: StrictServer

    async def emit(  # type: ignore[override]
        self, event: str, data: object, namespace: str, room: str, skip_sid: str | None, **_: object
    ) -> None:
        """Send one packet to all in a room but `skip_sid`.

        To a client for whom nothing waits it goes at once; for others it is queued.
        """
        if namespace not in self.rooms:
            return
        engine = self.server.eio
        packet = EnginePacket(
            MESSAGE, TextPacket(EVENT, namespace=namespace, data=[event, data]).encode()
        )
        frame = text_frame(packet.encode())
        for sid, eio_sid in self.get_participants(namespace, room):
            if sid == skip_sid:
                continue
            tcp = _idle(engine.sockets.get(eio_sid))
            if tcp is not None:
                tcp.write(frame)
            else:
                await engine.send_packet(eio_sid, packet)
        await asyncio.sleep(0)  # nothing above waits: who tells much must let others in


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
    waits = socket.queue._getters and socket.queue.empty()  # noqa: SLF001 - it has no name for it
    return tcp if waits and not tcp.is_closing() and not tcp.get_write_buffer_size() else None
