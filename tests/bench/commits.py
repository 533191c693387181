"""Chunk rows committed a second with full sync, by 1, 16 and 64 writers that wait for theirs.

What a row needs of the product is done: it is looked up, counted in its content, and inserted.
Only the bytes are missing: their files would be a measurement of the disk.
"""

from __future__ import annotations

import asyncio
import secrets
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from sharethings.core.arrivals import Arrival, Arrivals
from sharethings.records import Chunk
from tests.unit.core.house import CHUNK_SIZE, House, a_share

if TYPE_CHECKING:
    from sharethings.core.arrivals import Outcome
    from sharethings.records import Content, Member
    from sharethings.storage.database import BatchedJob

    Job = BatchedJob[Arrival, Outcome]

WRITERS = (1, 16, 64)
SECONDS = 3.0
CHUNKS = 15_000


class Nothing:
    """A chunk whose bytes are nowhere."""

    def keep(self, _content: Content, _chunk_index: int) -> None:
        """Do nothing."""


async def _write(house: House, member: Member, store: Job, ends_at: float) -> int:
    """Store chunks of a content of one's own until the time is over; gives how many."""
    content = await house.core.sharing.share(member, a_share(CHUNKS * CHUNK_SIZE))
    count = 0
    with house.core.space.reserving(member) as reservation:
        while time.perf_counter() < ends_at:
            chunk = Chunk(count, CHUNK_SIZE + 32, secrets.token_bytes(32))
            arrival = Arrival(content, chunk, Nothing(), reservation)  # type: ignore[arg-type]
            await house.store.database.write_batched(store, arrival)
            count += 1
    return count


async def _rate(writers: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        limits = {"session_bytes": 2**50, "address_bytes_per_day": 2**50}
        async with House(Path(folder) / "data", unfinished_uploads_count=64, **limits) as house:
            member = await house.member()
            store = Arrivals(house.settings, house.core.clock).store
            began = time.perf_counter()
            counts = await asyncio.gather(
                *(_write(house, member, store, began + SECONDS) for _ in range(writers))
            )
            return sum(counts) / (time.perf_counter() - began)


def measure() -> dict[str, object]:
    """Give rows a second for each number of writers."""
    return {f"rows_per_second_{count}": round(asyncio.run(_rate(count))) for count in WRITERS}
