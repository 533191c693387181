"""Rows committed a second with full sync, by 1, 16 and 64 writers that each wait for theirs."""

from __future__ import annotations

import asyncio
import secrets
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from sharethings.records import Chunk
from sharethings.storage import chunk_rows
from tests.unit.core.house import House, a_stream

if TYPE_CHECKING:
    from sharethings.records import Content
    from sharethings.storage.database import Connection

WRITERS = (1, 16, 64)
SECONDS = 3.0


async def _write(house: House, content: Content, first: int, ends_at: float) -> int:
    """Insert rows, one a job, until the time is over; gives how many were committed."""
    count = 0
    while time.perf_counter() < ends_at:
        chunk = Chunk(first + count, 16_416, secrets.token_bytes(32))

        async def job(connection: Connection, chunk: Chunk = chunk) -> None:
            await chunk_rows.insert_chunk(connection, content, chunk, 0)

        await house.store.database.write(job)
        count += 1
    return count


async def _rate(writers: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        async with House(Path(folder) / "data") as house:
            member = await house.member()
            content = await house.core.sharing.share(member, a_stream())
            began = time.perf_counter()
            counts = await asyncio.gather(
                *(_write(house, content, n * 1_000_000, began + SECONDS) for n in range(writers))
            )
            return sum(counts) / (time.perf_counter() - began)


def measure() -> dict[str, object]:
    """Give rows a second for each number of writers."""
    return {f"rows_per_second_{count}": round(asyncio.run(_rate(count))) for count in WRITERS}
