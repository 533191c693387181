"""Announcements to the members of a session; the last one ends their connections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sharethings.protocol.announcements import SessionEnded

if TYPE_CHECKING:
    from sharethings.protocol.announcements import Announcement
    from sharethings.transport.socket.connections import Connections
    from sharethings.transport.socket.engine import StrictServer


class SocketAnnounce:
    """`core.announce.Announce` over Socket.IO; a room is a session_id."""

    def __init__(self, server: StrictServer, connections: Connections) -> None:
        """Take the server and who is connected."""
        self._server = server
        self._connections = connections

    async def __call__(
        self, session_id: str, announcement: Announcement, *, skip: str | None = None
    ) -> None:
        """Send to all members but the one whose member_id is `skip`."""
        self._connections.note_told(session_id)
        await self._server.emit(
            announcement.event,
            announcement,
            room=session_id,
            skip_sid=self._connections.sid_of(session_id, skip),
        )
        if isinstance(announcement, SessionEnded):
            for connection in self._connections.of(session_id):
                await self._server.eio.end(connection.eio_sid)
