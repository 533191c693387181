"""What a disk refuses: told in one way, counted, and after too much of it nothing is written."""

from __future__ import annotations

import errno
import os
import sqlite3
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from structlog.testing import capture_logs

from sharethings.protocol.errors import BusyError, ReadOnlyError, StorageFullError
from sharethings.storage import connections
from sharethings.storage.connections import DatabaseError, explain
from sharethings.storage.database import Connection, Database
from sharethings.storage.disk import Disk

if TYPE_CHECKING:
    from pathlib import Path


def of_system(number: int) -> OSError:
    """Give what the system raises."""
    return OSError(number, os.strerror(number), "/data/sessions/0123456789abcdef")


def of_sqlite(code: int) -> OperationalError:
    """Give what SQLAlchemy raises."""
    source = sqlite3.OperationalError("disk I/O error")
    source.sqlite_errorcode = code
    return OperationalError("INSERT", None, source)


@pytest.mark.parametrize(
    ("error", "told", "faults"),
    [
        (of_system(errno.ENOSPC), StorageFullError, 0),
        (of_system(errno.EDQUOT), StorageFullError, 0),
        (of_system(errno.EFBIG), StorageFullError, 0),
        (of_system(errno.EIO), BusyError, 1),
        (of_system(errno.EROFS), BusyError, 1),
        (of_system(errno.EMFILE), BusyError, 0),
        (of_sqlite(sqlite3.SQLITE_FULL), StorageFullError, 0),
        (of_sqlite(sqlite3.SQLITE_IOERR_SHMSIZE), StorageFullError, 0),
        (of_sqlite(sqlite3.SQLITE_IOERR_FSYNC), BusyError, 1),
        (of_sqlite(sqlite3.SQLITE_READONLY), BusyError, 0),
        (of_sqlite(sqlite3.SQLITE_CORRUPT), BusyError, 0),
        (of_sqlite(sqlite3.SQLITE_NOTADB), BusyError, 0),
        (of_sqlite(sqlite3.SQLITE_BUSY_SNAPSHOT), BusyError, 0),
        (of_sqlite(sqlite3.SQLITE_LOCKED), BusyError, 0),
        (of_sqlite(sqlite3.SQLITE_CONSTRAINT), OperationalError, 0),
        (ValueError("a mistake"), ValueError, 0),
    ],
    ids=repr,
)
def test_each_refusal_has_its_failure(error: Exception, told: type[Exception], faults: int):
    disk = Disk()
    assert type(disk.translate(error)) is told
    assert disk.faults_count == faults
    if isinstance(error, (OSError, DBAPIError)):
        with pytest.raises(told), disk.guard():
            raise error
    disk.check()


def test_three_faults_in_a_minute_end_all_writing_and_are_said_once():
    now = [0.0]
    disk = Disk(monotonic=lambda: now[0])
    with capture_logs() as logs:
        for at in (0, 30, 61, 91):
            now[0] = at
            disk.translate(of_system(errno.EIO))
        disk.check()
        for at in (120, 121):
            now[0] = at
            disk.translate(of_system(errno.EIO))
    with pytest.raises(ReadOnlyError):
        disk.check()
    assert [one["event"] for one in logs if one["log_level"] == "error"] == ["read_only"]
    assert disk.faults_count == 6
    assert not any("0123456789" in str(one) for one in logs)


def test_a_database_that_cannot_be_used_is_said_once():
    disk = Disk()
    with capture_logs() as logs:
        for _ in range(3):
            disk.translate(of_sqlite(sqlite3.SQLITE_CORRUPT))
    assert [(one["event"], one["log_level"]) for one in logs] == [("disk_unusable", "error")]


def test_at_the_start_it_is_said_what_to_do(tmp_path: Path):
    for error, advice in (
        (of_sqlite(sqlite3.SQLITE_FULL), "Free space"),
        (of_system(errno.EIO), "system's log"),
        (of_sqlite(sqlite3.SQLITE_READONLY), "restore a backup"),
        (of_sqlite(sqlite3.SQLITE_BUSY), "try again"),
    ):
        with pytest.raises(DatabaseError, match=advice), explain(tmp_path):
            raise error
    with pytest.raises(OperationalError), explain(tmp_path):
        raise of_sqlite(sqlite3.SQLITE_CONSTRAINT)


async def test_a_full_database_says_so_and_goes_on_when_there_is_space(tmp_path: Path):
    database = Database(tmp_path / "test.db", Disk())
    await database.open()
    await database.write(lambda connection: connection.execute(text("CREATE TABLE t (x UNIQUE)")))

    def fill(connection: Connection) -> None:
        connection.execute(text("INSERT INTO t VALUES (zeroblob(1000000))"))

    async def limit(pages: int) -> None:
        await database.write(
            lambda connection: connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        )

    await limit(20)
    with pytest.raises(StorageFullError) as caught:
        await database.write(fill)
    assert caught.value.failure().retry_after_seconds
    await limit(10_000)
    await database.write(fill)
    with pytest.raises(IntegrityError):
        await database.write(fill)
    await database.close()


async def test_a_lock_of_another_program_is_waited_for_and_then_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(connections, "BUSY_TIMEOUT_SECONDS", 0)
    database = Database(tmp_path / "test.db", Disk())
    await database.open()
    other = sqlite3.connect(tmp_path / "test.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(BusyError):
        await database.write(lambda connection: connection.exec_driver_sql("CREATE TABLE t (x)"))
    other.execute("ROLLBACK")
    other.close()
    await database.write(lambda connection: connection.exec_driver_sql("CREATE TABLE t (x)"))
    await database.close()


async def test_a_database_damaged_while_it_runs_is_refused_to_readers(tmp_path: Path):
    path = tmp_path / "test.db"
    database = Database(path, Disk())
    await database.open()

    def fill(connection: Connection) -> None:
        connection.execute(text("CREATE TABLE t (x)"))
        connection.execute(text("INSERT INTO t VALUES (zeroblob(100000))"))

    await database.write(fill)
    await database.close()
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    damaged = Database(path, Disk())
    await damaged.open()
    with capture_logs() as logs, pytest.raises(BusyError):
        await damaged.read(lambda c: c.execute(text("SELECT sum(length(x)) FROM t")).all())
    assert [one["event"] for one in logs] == ["disk_unusable"]
    await damaged.close()


async def test_when_nothing_new_is_taken_what_frees_is(tmp_path: Path):
    disk = Disk()
    database = Database(tmp_path / "test.db", disk)
    await database.open()
    disk.is_read_only = True
    with pytest.raises(ReadOnlyError):
        await database.write(lambda connection: connection.exec_driver_sql("CREATE TABLE t (x)"))
    await database.write(
        lambda connection: connection.exec_driver_sql("CREATE TABLE t (x)"), frees=True
    )
    await database.close()


def test_what_lasts_is_logged_once_for_each_reason():
    disk = Disk()
    with capture_logs() as logs:
        for number in (errno.EACCES, errno.EACCES, errno.EMFILE, errno.ENOTDIR):
            assert isinstance(disk.translate(of_system(number)), BusyError)
    assert [one["reason"] for one in logs] == ["Permission denied", "Not a directory"]
