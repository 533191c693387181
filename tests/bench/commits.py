"""Chunk rows committed a second with full sync, by 1, 16 and 64 writers that wait for theirs.

What a row needs of the product is done: it is looked up, counted in its content, and inserted.
Only the bytes are missing: their files would be a measurement of the disk. The peer is SQLite
itself, as far as Python can go: the same rows of the same table, as many a commit as there are
writers, and nothing looked up or counted. Both run on the core of the servers, and have their
digests beforehand. Rounds of both alternate; the median is given.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import sqlite3
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateTable

from sharethings.core.arrivals import Arrival, Arrivals
from sharethings.memory import leave_modules_alone
from sharethings.records import Chunk
from sharethings.storage.tables import chunks
from tests.bench.rig import figures
from tests.bench.rig.process import be_a_server
from tests.unit.core.house import CHUNK_SIZE, House, a_share

if TYPE_CHECKING:
    from sharethings.core.arrivals import Outcome
    from sharethings.records import Content, Member
    from sharethings.storage.database import BatchedJob

    Job = BatchedJob[Arrival, Outcome]

WRITERS = (1, 16, 64)
ROUNDS = 3
SECONDS = 1.5
CHUNKS = 15_000
TARGET_RATIO = "0.258 of SQLite's alone (10,000 where it did 38,792)"
"""The disk of a virtual machine takes a third more or less of its time from hour to hour."""
DIGESTS = [secrets.token_bytes(32) for _ in range(1024)]
"""To make one for each row would be a fourteenth of what is measured."""


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
            chunk = Chunk(count, CHUNK_SIZE + 32, DIGESTS[count % len(DIGESTS)])
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


def _bare_rate(writers: int) -> float:
    """Commit rows with nothing but SQLite."""
    with tempfile.TemporaryDirectory() as folder:
        connection = sqlite3.connect(Path(folder) / "bare.db", isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute(str(CreateTable(chunks).compile(dialect=sqlite.dialect())))
        rows = [(secrets.token_hex(16), secrets.token_bytes(32)) for _ in range(writers)]
        count, began = 0, time.perf_counter()
        while time.perf_counter() < began + SECONDS:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(
                "INSERT INTO chunk_metadata VALUES (?, ?, ?, ?, ?, ?, ?)",
                [(blob, count, CHUNK_SIZE, 0, "s", digest, 0) for blob, digest in rows],
            )
            connection.execute("COMMIT")
            count += 1
        connection.close()
        return writers * count / (time.perf_counter() - began)


def measure() -> dict[str, object]:
    """Give rows a second for each number of writers, and of them what SQLite alone does."""
    be_a_server()
    leave_modules_alone()  # as a server does when it is ready
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    result: dict[str, Any] = {}
    for count in WRITERS:
        figures.repeated.append(ROUNDS)
        rounds = [(asyncio.run(_rate(count)), _bare_rate(count)) for _ in range(ROUNDS)]
        ours, bare = (round(statistics.median(rates)) for rates in zip(*rounds, strict=True))
        result[f"rows_per_second_{count}"] = ours
        result[f"bare_rows_per_second_{count}"] = bare
    what, rate = "chunk rows committed a second by 16", result["rows_per_second_16"]
    ratio = rate / result["bare_rows_per_second_16"]
    result["lines"] = [
        figures.line(what, "10,000", rate, ">= 10000"),
        figures.line(f"{what}: ratio", TARGET_RATIO, ratio, ">= 0.258"),
    ]
    return result
