"""The scrub: reads complete contents again and again, slowly, so that damage is found early.

A disk that loses bytes does so in silence. While the sender still has the file, sharing it
again heals what was found (damage.py).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from sharethings.storage import chunk_rows, content_rows

if TYPE_CHECKING:
    from sharethings.config import Settings
    from sharethings.core.clock import Clock
    from sharethings.core.damage import Damage
    from sharethings.records import Chunk, Content
    from sharethings.storage.chunk_rows import Place
    from sharethings.storage.database import Connection, Database

TICK_SECONDS = 1.0
CHUNK_COST_BYTES = 64 * 1024
"""A smaller chunk costs as much time: looking it up is work too."""
PASS_SECONDS = 86_400.0
"""A pass begins no sooner after the one before; a small store need not be read all day."""
BEFORE_ALL: Place = ("", "", -1)
log = structlog.get_logger(__name__)


@dataclass(slots=True)
class ScrubCounts:
    """What was done since the start of the server."""

    chunks: int = 0
    bytes: int = 0
    damaged: int = 0
    passes: int = 0


class Scrub:
    """Reads at most `scrub_bytes_per_second` (0: nothing); each start begins elsewhere."""

    def __init__(
        self, database: Database, damage: Damage, settings: Settings, clock: Clock
    ) -> None:
        """Take the parts that it works with."""
        self._database = database
        self._damage = damage
        self._rate = settings.scrub_bytes_per_second
        self._clock = clock
        self._looked_at = clock.monotonic()
        self._credit_bytes = 0.0
        self.counts = ScrubCounts()
        self._begin()

    def _begin(self) -> None:
        """Begin a pass at a place that nobody can foresee: a server restarted daily reads all."""
        self._first: Place = (secrets.token_hex(32), "", -1)
        self._last = self._first
        self._is_around = False
        self._began_at = self._clock.monotonic()
        self._begun = (self.counts.chunks, self.counts.bytes, self.counts.damaged)

    async def advance(self) -> None:
        """Read what the time since the last call allows, two ticks' worth at most.

        To be called every TICK_SECONDS. Raises what the database and `Damage.is_whole` raise;
        the next call goes on behind it.
        """
        now = self._clock.monotonic()
        elapsed, self._looked_at = now - self._looked_at, now
        most = 2 * TICK_SECONDS * self._rate
        self._credit_bytes = min(most, self._credit_bytes + elapsed * self._rate)
        while self._credit_bytes > 0 and now >= self._began_at:
            found = await self._next()
            if found is None:
                self._end()
                return
            content, chunk = found
            self._credit_bytes -= max(chunk.size, CHUNK_COST_BYTES)
            is_whole = await self._damage.is_whole(content, chunk)
            self.counts.chunks += 1
            self.counts.bytes += chunk.size
            self.counts.damaged += not is_whole

    async def _next(self) -> tuple[Content, Chunk] | None:
        """Give the next chunk; None when the pass has come round."""

        def look(connection: Connection) -> tuple[Content, Chunk] | None:
            found = chunk_rows.next_complete(connection, self._last)
            if found is None and not self._is_around:
                self._is_around = True
                found = chunk_rows.next_complete(connection, BEFORE_ALL)
            if found is None or (self._is_around and found[0] > self._first):
                return None
            self._last, chunk = found
            content = content_rows.any_of_blob(connection, *self._last[:2])
            assert content is not None  # noqa: S101 - one state of the database, seen twice
            return content, chunk

        return await self._database.read(look)

    def _end(self) -> None:
        """Tell of the pass, and set the time of the next one."""
        began_at, begun, counts = self._began_at, self._begun, self.counts
        counts.passes += 1
        log.info(
            "scrubbed",
            chunks=counts.chunks - begun[0],
            bytes=counts.bytes - begun[1],
            damaged=counts.damaged - begun[2],
            seconds=round(self._clock.monotonic() - began_at),
        )
        self._begin()
        self._began_at = max(self._began_at, began_at + PASS_SECONDS)
