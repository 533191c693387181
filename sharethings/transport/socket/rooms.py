"""What goes to all members of a session: one packet, framed once.

Socket.IO's own manager begins a task for each receiver, which wakes another one, which frames the
packet anew (docs/decisions/0027-framed-once.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import socketio
from socketio.packet import EVENT

from sharethings.transport.socket.frames import Framed, TextPacket

if TYPE_CHECKING:
    from sharethings.transport.socket.engine import StrictServer


class Rooms(socketio.AsyncManager):
    """Who is in which session."""

    server: StrictServer

    def __init__(self) -> None:
        """Know nobody."""
        super().__init__()
        self._session_ids: dict[str, str] = {}

    def basic_enter_room(
        self, sid: str, namespace: str, room: str | None, eio_sid: str | None = None
    ) -> None:
        """Let a client into the room of all, or into that of a session, one at a time.

        Socket.IO would make a room for each client alone, too.
        """
        if room == sid:
            return
        super().basic_enter_room(sid, namespace, room, eio_sid)
        if room is not None:
            self._session_ids[sid] = room

    def basic_leave_room(self, sid: str, namespace: str, room: str | None) -> None:
        """Let a client out of one."""
        super().basic_leave_room(sid, namespace, room)
        if room is not None:
            self._session_ids.pop(sid, None)

    def basic_disconnect(self, sid: str, namespace: str, **_: object) -> None:
        """Let a client out of its rooms; Socket.IO would look for it in all that there are."""
        session_id = self._session_ids.get(sid)
        if session_id is not None:
            self.basic_leave_room(sid, namespace, session_id)
        self.basic_leave_room(sid, namespace, None)
        for pending in (self.pending_connect, self.pending_disconnect):
            if sid in pending.get(namespace, ()):
                pending[namespace].remove(sid)

    async def emit(  # type: ignore[override]
        self, event: str, data: object, namespace: str, room: str, skip_sid: str | None, **_: object
    ) -> None:
        """Send one packet to all in a room but `skip_sid`.

        Nothing in it waits, so that what is told at once comes in this order: who tells much
        must let others in.
        """
        if namespace not in self.rooms:
            return
        engine = self.server.eio
        framed = Framed(TextPacket(EVENT, namespace=namespace, data=[event, data]))
        for sid, eio_sid in self.get_participants(namespace, room):
            if sid != skip_sid:
                await framed.send(engine, eio_sid)
