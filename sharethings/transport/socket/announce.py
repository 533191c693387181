"""Announcements to the members of a session, and the end of those who do not read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import structlog

if TYPE_CHECKING:
    import socketio

    from sharethings.protocol.announcements import Announcement
    from sharethings.transport.socket.connections import Connections

log = structlog.get_logger(__name__)


class SocketAnnounce:
    """`core.announce.Announce` over Socket.IO; a room is a session_id."""

    def __init__(
        self, server: socketio.AsyncServer, connections: Connections, waiting_max: int
    ) -> None:
        """Take the server, who is connected, and how many packets may wait for one client."""
        self._server = server
        self._connections = connections
        self._waiting_max = waiting_max

    async def __call__(
        self, session_id: str, announcement: Announcement, *, skip: str | None = None
    ) -> None:
        """Send to all members; a client with too much unread is disconnected and rejoins."""
        for connection in self._connections.of_session(session_id):
            if self._waiting(connection.sid) > self._waiting_max:
                log.warning("slow_client_dropped", session=session_id[:8])
                await self._server.disconnect(connection.sid)
        await self._server.emit(
            announcement.event,
            msgspec.to_builtins(announcement),
            room=session_id,
            skip_sid=self._connections.sid_of(session_id, skip),
        )

    def _waiting(self, sid: str) -> int:
        eio_sid = self._server.manager.eio_sid_from_sid(sid, "/")
        socket = self._server.eio.sockets.get(eio_sid)
        return 0 if socket is None else socket.queue.qsize()
