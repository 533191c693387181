"""Endings: a session is gone for everybody at once, its rows piece by piece.

First `ended_at` is set: from then on the session does not exist for any door. Its tokens end,
its members are told and their connections closed. Then the rows go in bounded batches, and at
last the row of the session itself; until then its name cannot be taken again.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from sharethings.protocol.announcements import SessionEnded
from sharethings.storage import removal_rows, retention_rows, session_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sharethings.core.announce import Announce
    from sharethings.core.clock import Clock
    from sharethings.core.collector import Collector
    from sharethings.core.presence import Presence
    from sharethings.core.tokens import Tokens
    from sharethings.protocol.announcements import EndReason
    from sharethings.storage.database import Connection, Database

SESSIONS_PER_BATCH = 100
CONTENTS_PER_BATCH = 50
ROWS_PER_BATCH = 1000
"""What one transaction takes away: it holds the writer for some 5 ms (tests/bench/sweep.py)."""
log = structlog.get_logger(__name__)


class Endings:
    """How sessions end."""

    def __init__(
        self,
        database: Database,
        presence: Presence,
        tokens: Tokens,
        announce: Announce,
        collector: Collector,
        clock: Clock,
    ) -> None:
        """Take the parts that it works with."""
        self._database = database
        self._presence = presence
        self._tokens = tokens
        self._announce = announce
        self._collector = collector
        self._clock = clock

    async def end(
        self, session_ids: Sequence[str], reason: EndReason, *, quiet_since: int | None = None
    ) -> list[str]:
        """End sessions, whoever is in them; gives those that were there.

        With `quiet_since` (ms) only those that nobody is in and where nothing was done after it.
        Who is cancelled meanwhile leaves no session ended whose members do not know.
        """
        return await asyncio.shield(self._end(session_ids, reason, quiet_since))

    async def _end(
        self, session_ids: Sequence[str], reason: EndReason, quiet_since: int | None
    ) -> list[str]:
        now = self._clock.now_ms()
        if quiet_since is not None:  # who comes later finds it gone
            here = self._presence.sessions()
            session_ids = [one for one in session_ids if one not in here]
        ended = await self._database.write(
            lambda connection: session_rows.end_sessions(connection, now, session_ids, quiet_since),
            frees=True,
        )
        await self._let_go(ended, reason)
        return ended

    async def refresh(self) -> None:
        """Give all sessions and unfinished uploads their full time, from what the clock says now.

        For when it does not say how long they were left: the server was away, or it was set.
        """
        now = self._clock.now_ms()

        def job(connection: Connection) -> None:
            session_rows.extend_sessions(connection, now)
            retention_rows.extend_unfinished(connection, now)

        await self._database.write(job, frees=True)

    async def expire(self) -> tuple[bool, int]:
        """End some sessions whose time is over; those that have members get theirs again.

        Gives whether there were any, and how many ended. Being cancelled is as for `end`.
        """
        return await asyncio.shield(self._expire())

    async def _expire(self) -> tuple[bool, int]:
        now = self._clock.now_ms()
        here = self._presence.sessions()  # who comes later extends the session, or finds it gone

        def job(connection: Connection) -> tuple[bool, list[str]]:
            due = retention_rows.due_sessions(connection, now, SESSIONS_PER_BATCH)
            lived = [one for one in due if one in here]
            left = [one for one in due if one not in here]
            session_rows.extend_sessions(connection, now, lived)
            return bool(due), session_rows.end_sessions(connection, now, left)

        has_due, ended = await self._database.write(job, frees=True)
        await self._let_go(ended, "expired")
        return has_due, len(ended)

    async def _let_go(self, session_ids: Sequence[str], reason: EndReason) -> None:
        self._tokens.revoke_sessions(set(session_ids))
        for session_id in session_ids:
            self._presence.end(session_id)
            await self._announce(session_id, SessionEnded(reason=reason))
            log.info("session_ended", session=session_id[:8], reason=reason)
            await asyncio.sleep(0)  # nothing above waits: who tells much must let others in

    async def take_away(self) -> bool:
        """Delete some rows of a session that has ended; says whether there was any."""
        now = self._clock.now_ms()

        def job(connection: Connection) -> bool:
            session_id = retention_rows.ended_session(connection)
            if session_id is None:
                return False
            if not removal_rows.forget_contents(
                connection, session_id, now, CONTENTS_PER_BATCH
            ) and not removal_rows.forget_rows(connection, session_id, ROWS_PER_BATCH):
                retention_rows.delete_session(connection, session_id)
            return True

        if not await self._database.write(job, frees=True):
            return False
        self._collector.wake()
        return True
