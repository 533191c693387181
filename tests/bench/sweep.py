"""How long other requests wait while 100,000 expired contents are swept, or 200,000 chunks removed.

The contents lie in sessions of 1,000; every second one has its chunk in its row. The chunks are
those of one content, which is removed, and of another, whose session is cleared. Meanwhile a
member of another session shares small contents, and lists: each request is timed, and how late
the event loop is, until the last row is gone. The control is the same without a sweep. There are
rows only: files are unlinked beside the loop.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import tempfile
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from sharethings.core.clock import Clock
from sharethings.protocol.limits import CHUNK_OVERHEAD_BYTES
from sharethings.records import Chunk, Content, Member
from sharethings.storage import chunk_rows, content_rows, session_rows
from tests.bench.rig import figures
from tests.unit.core.house import CHUNK_SIZE, INLINE, Hands, House, a_share, an_inline

if TYPE_CHECKING:
    from sharethings.storage.database import Connection

CONTENTS = 100_000
CHUNKS = 200_000
CHUNKS_PER_JOB = 10_000
SESSION_CONTENTS = 1000
CONTROL_SECONDS = 5
LOOK_SECONDS = 0.002


class Running(Hands):
    """Hands that can be turned, on a clock that runs."""

    def clock(self) -> Clock:
        return Clock(lambda: int((self.seconds + time.monotonic()) * 1000), time.monotonic)


async def fill(house: House, count: int) -> None:
    """Store contents whose time is over when the clock is turned."""
    for _ in range(0, count, SESSION_CONTENTS):
        passphrase = await house.create(idle_seconds=0)
        member, _ = await house.join(passphrase)
        model = await house.core.sharing.share(member, an_inline(lifetime_seconds=10))
        for first in range(0, SESSION_CONTENTS, 100):

            def job(connection: Connection, first: int = first) -> None:
                for number in range(first, first + 100):
                    insert(connection, model, number)  # noqa: B023 - the job is awaited here
                session_rows.bump(
                    connection,
                    model.session_id,  # noqa: B023
                    0,
                    contents=100,
                    reserved_bytes=100 * len(INLINE),
                )

            await house.store.database.write(job)


def insert(connection: Connection, model: Content, number: int) -> None:
    """Insert one content with its chunk's row."""
    name = f"{number:032x}"
    chunk = model.inline_chunk if number % 2 else None
    one = replace(model, content_id=name, blob_id=name, position=-number, inline_chunk=chunk)
    content_rows.insert_content(connection, one)
    row = Chunk(0, len(INLINE), bytes(32))
    chunk_rows.insert_chunks(connection, [(one, row)], one.created_at)


async def fill_one(house: House, count: int) -> tuple[Member, Content]:
    """Store a content of many chunks in a session of its own."""
    member, _ = await house.join(await house.create())
    size = count * (CHUNK_SIZE + CHUNK_OVERHEAD_BYTES)
    request = a_share(count * CHUNK_SIZE, chunk_count=count, total_size=size)
    content = await house.core.sharing.share(member, request)
    for first in range(0, count, CHUNKS_PER_JOB):

        def job(connection: Connection, first: int = first) -> None:
            some = range(first, min(count, first + CHUNKS_PER_JOB))
            rows = ((content, Chunk(index, CHUNK_SIZE, bytes(32))) for index in some)
            chunk_rows.insert_chunks(connection, rows, 0)

        await house.store.database.write(job)
    return member, content


async def serve(house: House, member: Member, taken: list[float], worked: list[float]) -> None:
    """Share, list and remove until cancelled; `taken` gets the seconds of each.

    `worked` gets the processor's seconds that this process had meanwhile: on a machine that does
    other things too, these are what it made a request wait itself.
    """
    while True:
        request = an_inline()
        for act in (
            partial(house.core.sharing.share, member, request),
            partial(house.core.sessions.list_contents, member),
            partial(house.core.contents.remove, member, request.content_id),
        ):
            begun, had = time.perf_counter(), time.process_time()
            await act()
            taken.append(time.perf_counter() - begun)
            worked.append(time.process_time() - had)


async def look(late: list[float]) -> None:
    """Note how much later than asked the loop comes back, until cancelled."""
    while True:
        begun = time.perf_counter()
        await asyncio.sleep(LOOK_SECONDS)
        late.append(time.perf_counter() - begun - LOOK_SECONDS)


async def watch(house: House, member: Member, act: Any) -> dict[str, float]:
    """Time other requests while `act` is done."""
    taken: list[float] = []
    worked: list[float] = []
    late: list[float] = []
    others = [
        asyncio.create_task(serve(house, member, taken, worked)),
        asyncio.create_task(look(late)),
    ]
    begun, had = time.perf_counter(), time.process_time()
    await act
    seconds, processor_seconds = time.perf_counter() - begun, time.process_time() - had
    for other in others:
        other.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    taken.sort()
    return {
        "seconds": round(seconds, 2),
        "processor_seconds": round(processor_seconds, 2),
        "requests": len(taken),
        "median_ms": round(taken[len(taken) // 2] * 1000, 1),
        "p99_ms": round(taken[len(taken) * 99 // 100] * 1000, 1),
        "longest_ms": round(taken[-1] * 1000, 1),
        "longest_processor_ms": round(max(worked) * 1000, 1),
        "loop_late_longest_ms": round(max(late) * 1000, 1),
    }


async def sweep(house: House) -> None:
    """Take all that is due away, to the last row."""
    await house.core.sweeper.sweep()
    await house.store.collector.collect()


async def remove(house: House, member: Member, content: Content) -> None:
    """Remove a content, to the last row."""
    await house.core.contents.remove(member, content.content_id)
    await house.store.collector.collect()


async def clear(house: House, member: Member) -> None:
    """Clear a session, to the last row."""
    await house.core.contents.clear(member)
    await house.store.collector.collect()


async def run(count: int, chunks_count: int) -> dict[str, Any]:
    """Fill, measure the control, sweep, remove and clear."""
    with tempfile.TemporaryDirectory() as folder:
        house = House(Path(folder) / "data", creations_per_hour=10**6)
        house.hands = Running()
        async with house:
            await fill(house, count)
            gc.collect()
            gc.freeze()  # as the server does when it is ready
            member = await house.member()
            control = await watch(house, member, asyncio.sleep(CONTROL_SECONDS))
            house.hands.seconds += 30  # less than what a server takes for a clock that was set
            swept = await watch(house, member, sweep(house))
            owner, content = await fill_one(house, chunks_count)
            removed = await watch(house, member, remove(house, owner, content))
            owner, _ = await fill_one(house, chunks_count)
            cleared = await watch(house, member, clear(house, owner))
            return {
                "contents": count,
                "chunks": chunks_count,
                "control": control,
                "sweep": swept,
                "remove": removed,
                "clear": cleared,
                "counts": house.core.sweeper.counts,
            }


def measure() -> dict[str, Any]:
    """Sweep 100,000 contents, remove and clear 200,000 chunks."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    seen = asyncio.run(run(CONTENTS, CHUNKS))
    stall = seen["sweep"]["longest_ms"] - seen["control"]["longest_ms"]
    what = "sweep of 100,000 contents: longest stall of other requests in ms"
    return seen | {"lines": [figures.line(what, "no more than 50 ms", stall, "<= 50")]}
