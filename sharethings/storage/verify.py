"""Verify a store: the database itself, its counters, and each blob's rows against its files.

Blocks, and reads the database through a connection of its own that cannot write. Where a server
is at work rows and files move while this looks: whoever calls it then looks again at what was
found (`look_again`) in a job of the writer.
"""

from __future__ import annotations

import os
import sqlite3
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sharethings.storage.blob_check import Ask, BlobCheck, Fault, FaultKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Executor
    from pathlib import Path

    from sharethings.storage.database import Connection

COMPLAINTS_MAX = 100
"""Lines of SQLite's own checks that are given."""


@dataclass(slots=True)
class Verification:
    """What was looked at, and what does not fit."""

    faults: list[Fault] = field(default_factory=list)
    sessions_count: int = 0
    blobs_count: int = 0
    chunks_count: int = 0
    bytes_count: int = 0

    def kinds(self) -> dict[FaultKind, int]:
        """Count the faults by kind."""
        return dict(Counter(fault.kind for fault in self.faults))


@contextmanager
def open_reader(database: Path) -> Iterator[Ask]:
    """Open a database for looking only. Raises sqlite3.DatabaseError when it is none."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        connection.execute("PRAGMA trusted_schema=OFF")
        yield connection.execute


def verify(
    database: Path, sessions: Path, *, deep: bool, progress: Callable[[int, int], None]
) -> Verification:
    """Look at everything, with `deep` at every byte.

    `progress` is told (done, in all) bytes; what it raises ends the look.
    """
    found = Verification()

    def tell(size: int) -> None:
        found.bytes_count += size
        progress(found.bytes_count, whole)

    try:
        with open_reader(database) as ask:
            found.faults += check_database(ask)
            (found.sessions_count,) = next(iter(ask("SELECT count(*) FROM sessions", ())))
            (whole,) = next(iter(ask("SELECT coalesce(sum(size), 0) FROM chunk_metadata", ())))
            with _pool(deep=deep) as pool:
                for session_id in _names(ask, "SELECT session_id FROM sessions", sessions):
                    found.faults += check_session(ask, session_id)
                    for look in _blobs(ask, sessions, session_id, pool, tell):
                        found.faults += look.faults()
                        found.blobs_count += 1
                        found.chunks_count += look.chunks_count
    except sqlite3.DatabaseError as error:
        found.faults.append(Fault("database", detail=str(error)))
    return found


@contextmanager
def _pool(*, deep: bool) -> Iterator[Executor | None]:
    if not deep:
        yield None
        return
    with ThreadPoolExecutor(os.cpu_count(), "verify") as pool:
        yield pool


def _names(ask: Ask, query: str, folder: Path, *arguments: str) -> list[str]:
    """Give what rows or the disk have, in order."""
    names = {row[0] for row in ask(query, arguments)}
    with suppress(FileNotFoundError, NotADirectoryError):
        names.update(path.name for path in folder.iterdir())
    return sorted(names)


def _blobs(
    ask: Ask,
    sessions: Path,
    session_id: str,
    pool: Executor | None,
    tell: Callable[[int], None],
) -> Iterator[BlobCheck]:
    """Give the blobs of a session, but for those that the collector takes away."""
    leaving = {row[0] for row in ask("SELECT blob_id FROM gc WHERE session_id = ?", (session_id,))}
    query = (
        "SELECT blob_id FROM content_metadata WHERE session_id = ? "
        "UNION SELECT content_id FROM chunk_metadata WHERE session_id = ?"
    )
    for blob_id in _names(ask, query, sessions / session_id, session_id, session_id):
        if blob_id not in leaving:
            yield BlobCheck(ask, sessions, session_id, blob_id, pool, tell)


def check_database(ask: Ask) -> Iterator[Fault]:
    """Have SQLite check its pages, indexes and references."""
    for (line,) in ask(f"PRAGMA integrity_check({COMPLAINTS_MAX})", ()):
        if line != "ok":
            yield Fault("database", detail=line)
    for row in list(ask("PRAGMA foreign_key_check", ()))[:COMPLAINTS_MAX]:
        yield Fault("database", detail=f"a row of {row[0]} refers to a {row[2]} that is not there")


def check_session(ask: Ask, session_id: str) -> Iterator[Fault]:
    """Compare what a session counts with what it has; one that has ended counts no more."""
    for content_count, reserved in ask(
        "SELECT content_count, reserved_bytes FROM sessions "
        "WHERE session_id = ? AND ended_at IS NULL",
        (session_id,),
    ):
        ((count,),) = ask(
            "SELECT count(*) FROM content_metadata WHERE session_id = ?", (session_id,)
        )
        ((held,),) = ask(
            "SELECT coalesce(sum(held), 0) FROM (SELECT max(coalesce(total_size, stored_bytes)) "
            "AS held FROM content_metadata WHERE session_id = ? GROUP BY blob_id)",
            (session_id,),
        )
        if (content_count, reserved) != (count, held):
            yield Fault(
                "counter",
                session_id,
                detail=f"the session counts {content_count} contents and {reserved} bytes, "
                f"it has {count} and {held}",
            )


def look_again(connection: Connection, sessions: Path, faults: list[Fault]) -> list[Fault]:
    """Give those of `faults` of one session that still stand. Run it as a job of the writer.

    Digests are not computed here: `hash_again` does that.
    """
    blobs = {fault.blob_id for fault in faults}

    def look(ask: Ask) -> list[Fault]:
        still = set(check_session(ask, faults[0].session_id))
        for one in _blobs(ask, sessions, faults[0].session_id, None, lambda _: None):
            if one.blob_id in blobs:
                still.update(one.faults())
        return [fault for fault in faults if fault.kind == "digest" or fault in still]

    return look(lambda query, values: connection.exec_driver_sql(query, values).fetchall())


def hash_again(database: Path, sessions: Path, fault: Fault) -> bool:
    """Say whether the digest of a chunk is still wrong: it may be healed or removed."""
    with open_reader(database) as ask:
        look = BlobCheck(ask, sessions, fault.session_id, fault.blob_id, None, lambda _: None)
        return fault.chunk_index is not None and look.is_wrong(fault.chunk_index)
