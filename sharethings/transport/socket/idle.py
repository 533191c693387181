"""Idle connections: told so, and closed; their members come back when somebody looks.

A connection is idle when its session was silent in both directions for so long: no request, no
announcement, no chunk under its token. Pings do not count: a forgotten tab answers them too.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from sharethings.protocol.announcements import MemberIdled

if TYPE_CHECKING:
    from sharethings.config import Settings
    from sharethings.core.clock import Clock
    from sharethings.core.tokens import Tokens
    from sharethings.transport.socket.connections import Connection, Connections
    from sharethings.transport.socket.engine import StrictServer

log = structlog.get_logger(__name__)


class IdleConnections:
    """Finds and closes them."""

    def __init__(
        self,
        server: StrictServer,
        connections: Connections,
        tokens: Tokens,
        settings: Settings,
        clock: Clock,
    ) -> None:
        """Take the parts that it works with."""
        self._server = server
        self._connections = connections
        self._tokens = tokens
        self._idle_seconds = settings.connection_idle_seconds
        self._clock = clock

    async def close(self) -> None:
        """Close those that are idle now; none when the setting is 0."""
        if not self._idle_seconds:
            return
        moment = self._clock.monotonic() - self._idle_seconds
        told = MemberIdled(idle_seconds=self._idle_seconds)
        for connection in self._connections.quiet_since(moment):
            if not self._is_sending(connection, moment):
                await self._server.tell(connection.eio_sid, told)
                await self._server.eio.end(connection.eio_sid)
                log.info("idled")
                await asyncio.sleep(0)  # nothing above waits, and others must get in

    def _is_sending(self, connection: Connection, moment: float) -> bool:
        return connection.token is not None and self._tokens.used_at(connection.token) > moment
