"""Connections: what the control plane remembers of each, and how many there may be."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sharethings.protocol.errors import BusyError, ThrottledError

if TYPE_CHECKING:
    from sharethings.config import Settings
    from sharethings.core.clock import Clock
    from sharethings.core.sessions import Challenge
    from sharethings.core.throttle import Pace
    from sharethings.records import Member


@dataclass(slots=True)
class Connection:
    """One connection; `sid` is there when Socket.IO has greeted, `member` after the join.

    `begun` are requests whose place among the writes is taken. `heard_at` is when its last request
    came, monotonic.
    """

    eio_sid: str
    address: str
    pace: Pace
    sid: str = ""
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    begun: list[asyncio.Task[None]] = field(default_factory=list)
    challenge: Challenge | None = None
    member: Member | None = None
    token: str | None = None
    deadline: asyncio.TimerHandle | None = None
    overruns: int = 0
    heard_at: float = 0.0

    async def all_answered(self) -> None:
        """Wait until what has begun is answered."""
        if self.begun:
            await asyncio.wait(self.begun)


class Connections:
    """All connections of this process."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        """Take the bounds."""
        self._settings = settings
        self._clock = clock
        self._all: dict[str, Connection] = {}
        self._addresses: Counter[str] = Counter()
        self._sessions: dict[str, dict[str, Connection]] = {}
        self._told_at: dict[str, float] = {}

    def open(self, connection: Connection) -> None:
        """Add a connection. Raises BusyError or ThrottledError when there are too many."""
        if len(self._all) >= self._settings.connections_count:
            raise BusyError(retry_after_seconds=30)
        if self._addresses[connection.address] >= self._settings.connections_per_address:
            raise ThrottledError(
                "Too many connections from this address. Close some.", retry_after_seconds=30
            )
        self._all[connection.eio_sid] = connection
        self._addresses[connection.address] += 1

    def __len__(self) -> int:
        """Count them."""
        return len(self._all)

    def get(self, eio_sid: str) -> Connection | None:
        """Give a connection."""
        return self._all.get(eio_sid)

    def enter(self, connection: Connection) -> None:
        """Note that a connection has joined; its `member` is set."""
        if connection.member is not None:
            session = self._sessions.setdefault(connection.member.session_id, {})
            session[connection.member.member_id] = connection

    def leave(self, connection: Connection) -> None:
        """Note that a connection has left its session."""
        if connection.member is None:
            return
        session = self._sessions.get(connection.member.session_id, {})
        session.pop(connection.member.member_id, None)
        if not session:
            self._sessions.pop(connection.member.session_id, None)
            self._told_at.pop(connection.member.session_id, None)

    def close(self, eio_sid: str) -> Connection | None:
        """Forget a connection and give it."""
        connection = self._all.pop(eio_sid, None)
        if connection is not None:
            self.leave(connection)
            self._addresses[connection.address] -= 1
            if not self._addresses[connection.address]:
                del self._addresses[connection.address]
        return connection

    def of(self, session_id: str) -> list[Connection]:
        """Give the connections of a session's members."""
        return list(self._sessions.get(session_id, {}).values())

    def note_told(self, session_id: str) -> None:
        """Note that the members of a session are told something now."""
        if session_id in self._sessions:
            self._told_at[session_id] = self._clock.monotonic()

    def quiet_since(self, moment: float) -> list[Connection]:
        """Give the joined connections that have heard and said nothing since a moment."""
        return [
            connection
            for session_id, members in self._sessions.items()
            if self._told_at.get(session_id, moment) <= moment
            for connection in members.values()
            if connection.heard_at <= moment
        ]

    def sid_of(self, session_id: str, member_id: str | None) -> str | None:
        """Give the connection's id of a member."""
        if member_id is None:
            return None
        connection = self._sessions.get(session_id, {}).get(member_id)
        return None if connection is None else connection.sid
