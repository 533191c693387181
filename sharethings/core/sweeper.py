"""The sweeper: what is due goes, a bounded batch at a time, while others are served.

It counts and tells what went by itself, also what made room for a new content meanwhile.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, Literal, TypeVar

import structlog

from sharethings.core.endings import CONTENTS_PER_BATCH, ROWS_PER_BATCH
from sharethings.storage import removal_rows, retention_rows

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from sharethings.config import Settings
    from sharethings.core.clock import Clock
    from sharethings.core.endings import Endings
    from sharethings.core.removals import Removal, Removals
    from sharethings.storage.database import Connection, Database

T = TypeVar("T")
CONTENT_SESSIONS_PER_BATCH = 8
"""Sessions whose contents one transaction sweeps: each costs a change of its own."""
STEP_SECONDS = 60
"""By how much the wall clock may leave the monotonic one between two rounds; then it was set."""
log = structlog.get_logger(__name__)


class Sweeper:
    """One pass over all that is due; `counts` says what went by itself since the start."""

    def __init__(
        self,
        database: Database,
        endings: Endings,
        removals: Removals,
        settings: Settings,
        clock: Clock,
    ) -> None:
        """Take the parts that it works with."""
        self._database = database
        self._endings = endings
        self._removals = removals
        self._settings = settings
        self._clock = clock
        self.counts = removals.counts
        self._told = self.counts.copy()
        self._ahead_seconds = self._measure()

    def _measure(self) -> float:
        """Give by how many seconds wall time is ahead of monotonic time."""
        return self._clock.now_ms() / 1000 - self._clock.monotonic()

    async def sweep(self) -> None:
        """Take away all that is due now. Raises what the database raises; the rest stays due."""
        await self._heed_the_clock()
        try:
            await self._sweep_sessions()
            await self._sweep_contents("expired")
            await self._sweep_contents("unfinished")
            await self._forget_removals()
        finally:
            swept, self._told = self.counts - self._told, self.counts.copy()
            if swept:
                log.info("swept", **swept)

    async def _heed_the_clock(self) -> None:
        """Let nobody lose or gain time when the clock was set or the machine was suspended."""
        ahead_seconds = self._measure()
        step_seconds = ahead_seconds - self._ahead_seconds
        if abs(step_seconds) > STEP_SECONDS:
            await self._endings.refresh()
            log.warning("clock_stepped", seconds=round(step_seconds))
        self._ahead_seconds = ahead_seconds

    async def _in_turn(self, batch: Awaitable[T]) -> T:
        """Await a batch, then leave the writer to others for as long as it took."""
        begun = self._clock.monotonic()
        done = await batch
        await asyncio.sleep(self._clock.monotonic() - begun)
        return done

    async def _sweep_sessions(self) -> None:
        due = True
        while due:
            due, ended = await self._in_turn(self._endings.expire())
            self.counts += Counter(sessions_expired=ended)
        while await self._in_turn(self._endings.take_away()):
            pass

    async def _sweep_contents(self, reason: Literal["expired", "unfinished"]) -> None:
        while gone := await self._in_turn(
            self._database.write(lambda c: self._remove_due(c, reason), frees=True)
        ):
            for removal in gone:
                await self._removals.tell(removal)
                await asyncio.sleep(0)  # to tell does not wait, and others must get in

    def _remove_due(
        self, connection: Connection, reason: Literal["expired", "unfinished"]
    ) -> list[Removal]:
        now = self._clock.now_ms()
        if reason == "expired":
            due = retention_rows.due_contents(connection, now, CONTENTS_PER_BATCH)
        else:
            before = now - self._settings.unfinished_seconds * 1000
            due = retention_rows.unfinished_contents(connection, before, CONTENTS_PER_BATCH)
        return [
            self._removals.remove(connection, session_id, content_ids, reason)
            for session_id, content_ids in list(due.items())[:CONTENT_SESSIONS_PER_BATCH]
        ]

    async def _forget_removals(self) -> None:
        before = self._clock.now_ms() - self._settings.removals_seconds * 1000
        while count := await self._in_turn(
            self._database.write(
                lambda c: removal_rows.prune_removals(c, before, ROWS_PER_BATCH), frees=True
            )
        ):
            self.counts["removals_forgotten"] += count
