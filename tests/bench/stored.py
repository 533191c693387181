"""Joining, listing, sharing and sweeping with much stored: 10,000 sessions and contents.

Two servers, one with a tenth of it, are asked in turn: what is asked should cost what it touches.
Growth is told in CPU, which the disk's mood does not change. Each round finds what the one before
found: whoever joins meets one member and one content, and messages are shared in a session apart.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import statistics
import time
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any

from sharethings.protocol.requests import ContentList, SessionLeave
from tests.bench.rig import figures, servers
from tests.bench.rig.options import IS_QUICK
from tests.bench.rig.process import cpu_seconds, folder, pause
from tests.bench.rig.room import Room, ask
from tests.bench.rig.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.bench.rig.figures import Figures
    from tests.programs import Server

MANY = 1000 if IS_QUICK else 10_000
TIMES = 50
SWEEP_SECONDS = 1
LOOK_SECONDS = 5
SETTINGS = {"sweep_seconds": SWEEP_SECONDS, "scrub_bytes_per_second": 0}
Row = dict[str, Any]


def rows(connection: sqlite3.Connection, table: str, **where: object) -> list[Row]:
    """Give the rows of a table."""
    connection.row_factory = sqlite3.Row
    condition = " AND ".join(f"{name} = ?" for name in where)
    found = connection.execute(f"SELECT * FROM {table} WHERE {condition}", [*where.values()])  # noqa: S608
    return [dict(row) for row in found]


def insert(connection: sqlite3.Connection, table: str, made: list[Row]) -> None:
    """Insert rows."""
    names = ", ".join(made[0])
    marks = ", ".join(f":{name}" for name in made[0])
    connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", made)  # noqa: S608


def multiply(database: Path, small: str, large: str, count: int) -> None:
    """Store `count` sessions like `small`, and `count` contents like its own in `large`."""
    with closing(sqlite3.connect(database)) as connection, connection:
        (session,) = rows(connection, "sessions", session_id=small)
        (content,) = rows(connection, "content_metadata", session_id=small)
        chunks = rows(connection, "chunk_metadata", session_id=small)
        ids = [secrets.token_hex(32) for _ in range(count)]
        insert(connection, "sessions", [session | {"session_id": one} for one in ids])
        insert(connection, "content_metadata", [content | {"session_id": one} for one in ids])
        of_large, of_chunks = [], []
        for number in range(1, count + 1):
            name = f"{number:032x}"
            place = {"session_id": large, "content_id": name}
            change = {"blob_id": name, "position": number, "revision": number}
            of_large.append(content | place | change)
            of_chunks += [chunk | place for chunk in chunks]
        insert(connection, "content_metadata", of_large)
        if chunks:
            of_ids = [chunk | {"session_id": one} for chunk in chunks for one in ids]
            insert(connection, "chunk_metadata", of_chunks + of_ids)
        connection.execute(
            "UPDATE sessions SET content_count = ?, reserved_bytes = ?, revision = ?"
            " WHERE session_id = ?",
            (count, count * session["reserved_bytes"], count + 1, large),
        )


def sync_ms(place: Path) -> float:
    """Give what the disk takes to sync a page: a join waits for one commit."""
    taken = []
    with (place / "synced").open("wb", buffering=0) as file:
        for _ in range(TIMES):
            file.write(bytes(4096))
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            taken.append(time.perf_counter() - began)
    return statistics.median(taken) * 1000


class Filled:
    """A server with so many sessions, and so many contents in one of them."""

    def __init__(self, stack: ExitStack, count: int) -> None:
        """Fill the data directory of a stopped server, and start it again."""
        place = self._place = stack.enter_context(folder())
        self.server: Server = stack.enter_context(servers.product(place, **SETTINGS))
        names = ("small", "large", "shared")
        self.small, self.large, self.shared = (Room(self.server.port, name) for name in names)
        member = self.small.create()
        member.ask(self.small.message())
        for other in (self.large.create(), self.shared.create(), member):
            other.wire.close()
        self.server.stop()
        database = place / "data" / "sharethings.db"
        multiply(database, self.small.session_id, self.large.session_id, count)
        self.server.start()

    def _times(self, act: Callable[[], object]) -> tuple[float, float]:
        """Do something TIMES; gives the median of the seconds, and the CPU of each."""
        taken = []
        cpu = cpu_seconds(self.server.pid)
        for _ in range(TIMES):
            began = time.perf_counter()
            act()
            taken.append(time.perf_counter() - began)
        cpu = cpu_seconds(self.server.pid) - cpu
        return statistics.median(taken) * 1000, cpu / TIMES * 1000

    def _join(self) -> Figures:
        """Join again and again, on a connection that is there: hello, join, and a leave apart.

        The client's own work (its proof, JSON) is done in between, and is no time of the server.
        """
        seen: dict[str, list[float]] = {"join_ms": [], "join_cpu_ms": []}
        with closing(self.small.join().wire), closing(Wire(self.server.port)) as wire:
            for _ in range(TIMES):
                cpu, own = cpu_seconds(self.server.pid), time.thread_time()
                began = time.perf_counter()
                self.small.join(wire)
                taken = time.perf_counter() - began - (time.thread_time() - own)
                seen["join_ms"].append(taken * 1000)
                seen["join_cpu_ms"].append((cpu_seconds(self.server.pid) - cpu) * 1000)
                ask(wire, SessionLeave())
        ms, cpu_ms = seen["join_ms"], seen["join_cpu_ms"]
        return {"join_ms": statistics.median(ms), "join_cpu_ms": statistics.mean(cpu_ms)}

    def look(self) -> Figures:
        """Give time and CPU of each thing."""
        seen = {"sync_ms": sync_ms(self._place), **self._join()}
        with closing(self.large.join().wire) as wire:
            seen["page_ms"], seen["page_cpu_ms"] = self._times(lambda: ask(wire, ContentList()))
        with closing(self.shared.join().wire) as wire:
            shares = iter([self.shared.message() for _ in range(TIMES)])
            seen["share_ms"], seen["share_cpu_ms"] = self._times(lambda: ask(wire, next(shares)))
        cpu = cpu_seconds(self.server.pid)
        pause(LOOK_SECONDS)
        cpu = cpu_seconds(self.server.pid) - cpu
        seen["sweep_cpu_ms"] = cpu / LOOK_SECONDS * SWEEP_SECONDS * 1000
        return seen


def measure() -> dict[str, Any]:
    """Give medians, and the lines of the target."""
    with ExitStack() as stack:
        few, many = Filled(stack, MANY // 10), Filled(stack, MANY)
        seen = figures.interleaved({"a tenth": few.look, "all": many.look})
    tenth, all_of_it = seen["a tenth"], seen["all"]
    lines = [
        figures.line(
            "join with 10,000 sessions stored: ms, hello and join, with the commit",
            "under 5 ms on the server",
            all_of_it["join_ms"],
            "<= 5",
        ),
        figures.line(
            "first page of 10,000 contents: ms",
            "under 50 ms on the server",
            all_of_it["page_ms"],
            "<= 50",
        ),
    ]
    for what in ("join", "page", "share", "sweep"):
        key = f"{what}_cpu_ms"
        growth = all_of_it[key] / tenth[key]
        target = "at most 1.2 with 10 times as much"
        lines.append(figures.line(f"growth of {what}: CPU", target, growth, "<= 1.2"))
    return {"stored": MANY, **seen, "lines": lines}
