"""The database: group commit, savepoints, readers, and what it refuses."""

from __future__ import annotations

import asyncio
import errno
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.util import await_only

from sharethings.protocol.errors import BusyError, ReadOnlyError
from sharethings.storage import database as module
from sharethings.storage.connections import DatabaseError
from sharethings.storage.database import Connection, Database
from sharethings.storage.disk import Disk

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """An open database with one table."""
    opened = Database(tmp_path / "test.db", Disk())
    await opened.open()
    await opened.write(lambda connection: connection.execute(text("CREATE TABLE t (x UNIQUE)")))
    yield opened
    await opened.close()


def insert(value: object) -> Any:
    """Give a job that inserts a row."""

    def job(connection: Connection) -> object:
        connection.execute(text("INSERT INTO t VALUES (:x)"), {"x": value})
        return value

    return job


async def rows(database: Database) -> list[Any]:
    """Give all rows as a reader sees them."""
    return await database.read(
        lambda connection: list(connection.execute(text("SELECT x FROM t ORDER BY x")).scalars())
    )


async def test_jobs_that_wait_are_committed_together_and_fail_alone(database: Database):
    ends = await asyncio.gather(
        *(database.write(insert(value)) for value in (1, 2, 2, 3)), return_exceptions=True
    )
    assert [ends[0], ends[1], ends[3]] == [1, 2, 3]
    assert isinstance(ends[2], Exception)
    assert await rows(database) == [1, 2, 3]


async def test_a_job_whose_caller_is_gone_is_not_run(database: Database):
    held = threading.Event()

    def hold(_connection: Connection) -> None:
        held.wait()

    holding = asyncio.create_task(database.write(hold))
    await asyncio.sleep(0)
    writing = [asyncio.create_task(database.write(insert(value))) for value in (1, 2)]
    await asyncio.sleep(0)
    writing[0].cancel()
    held.set()
    await asyncio.gather(holding, *writing, return_exceptions=True)
    assert await rows(database) == [2]


async def test_a_job_that_is_run_while_its_caller_goes_is_whole(database: Database):
    begun, held = threading.Event(), threading.Event()

    def slow(connection: Connection) -> None:
        insert(1)(connection)
        begun.set()
        held.wait()

    writing = asyncio.create_task(database.write(slow))
    await asyncio.to_thread(begun.wait)
    writing.cancel()
    held.set()
    await asyncio.gather(writing, return_exceptions=True)
    await database.write(insert(2))
    assert await rows(database) == [1, 2]


async def test_when_the_commit_fails_all_are_told(
    database: Database, monkeypatch: pytest.MonkeyPatch
):
    def refuse(*_arguments: object) -> None:
        raise OperationalError("COMMIT", None, Exception("disk I/O error"))

    with monkeypatch.context() as patch:
        patch.setattr("sqlalchemy.engine.default.DefaultDialect.do_commit", refuse)
        ends = await asyncio.gather(
            *(database.write(insert(value)) for value in (1, 2)), return_exceptions=True
        )
    assert [type(end) for end in ends] == [OperationalError] * 2
    await database.write(insert(3))
    assert await rows(database) == [3]


async def test_when_sqlite_rolls_back_by_itself_nobody_is_told_that_it_stands(
    database: Database,
):
    def fill(connection: Connection) -> None:
        connection.execute(text("INSERT INTO t VALUES (zeroblob(1000000))"))

    def give_up(connection: Connection) -> None:
        connection.exec_driver_sql("ROLLBACK")

    await database.write(lambda c: c.exec_driver_sql("PRAGMA max_page_count = 20"))
    for trouble in (fill, give_up):
        jobs = (insert("before"), trouble, insert("after"))
        ends = await asyncio.gather(*map(database.write, jobs), return_exceptions=True)
        assert all(isinstance(end, Exception) for end in ends)
        assert await rows(database) == []
    await database.write(insert("later"))
    assert await rows(database) == ["later"]


async def test_a_batch_is_bounded(database: Database, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "JOBS_PER_COMMIT_MAX", 2)
    assert await asyncio.gather(*(database.write(insert(n)) for n in range(7))) == list(range(7))
    assert await rows(database) == list(range(7))


async def test_readers_cannot_write_and_see_one_state(database: Database):
    count = text("SELECT count(*) FROM t")

    def look(connection: Connection) -> tuple[object, object]:
        before = connection.execute(count).scalar()
        writing = database.write(insert(1))
        await_only(writing)
        return before, connection.execute(count).scalar()

    assert await database.read(look) == (0, 0)
    assert await rows(database) == [1]
    with pytest.raises(BusyError) as caught:
        await database.read(insert(9))
    assert "readonly" in str(caught.value.__cause__)
    assert await rows(database) == [1]


async def test_closing_finishes_what_waits(tmp_path: Path):
    opened = Database(tmp_path / "test.db", Disk())
    await opened.open()
    await opened.write(lambda connection: connection.execute(text("CREATE TABLE t (x)")))
    waiting = [asyncio.create_task(opened.write(insert(value))) for value in range(5)]
    await asyncio.sleep(0)
    await opened.close()
    assert await asyncio.gather(*waiting) == list(range(5))
    with pytest.raises(BusyError):
        await opened.write(insert(9))
    log = tmp_path / "test.db-wal"
    assert not log.exists() or log.stat().st_size == 0


async def test_a_database_that_was_not_opened_is_closed(tmp_path: Path):
    await Database(tmp_path / "test.db", Disk()).close()


async def test_settings_of_a_connection(database: Database):
    wanted = {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 5000,
        "secure_delete": 1,
        "trusted_schema": 0,
    }

    def ask(connection: Connection) -> dict[str, object]:
        return {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in wanted}

    assert await database.read(ask) == wanted
    assert await database.write(ask) == wanted


async def test_without_wal_it_does_not_open():
    """A database in memory has no write-ahead log, like one on some network file systems."""
    with pytest.raises(DatabaseError, match="local file system"):
        await Database(Path(":memory:"), Disk()).open()


async def test_a_fault_does_not_carry_what_was_written(database: Database):
    secret = "0123456789abcdef" * 4
    await database.write(insert(secret))
    with pytest.raises(IntegrityError) as caught:
        await database.write(insert(secret))
    assert secret not in str(caught.value)
    assert "hidden" in str(caught.value)


async def test_jobs_of_one_kind_are_run_as_one_and_refused_one_by_one(database: Database):
    held = threading.Event()
    sizes = []

    def store(connection: Connection, values: list[int]) -> list[int | Exception]:
        sizes.append(len(values))
        wanted = [value for value in values if value % 3]
        connection.execute(text("INSERT INTO t VALUES (:x)"), [{"x": value} for value in wanted])
        return [value if value in wanted else LookupError(value) for value in values]

    holding = asyncio.create_task(database.write(lambda _: held.wait()))
    await asyncio.sleep(0)
    jobs = [database.write_batched(store, value) for value in (1, 2, 3, 4)]
    writing = asyncio.gather(*jobs, database.write(insert("x")), return_exceptions=True)
    await asyncio.sleep(0)
    held.set()
    await holding
    ends = await writing
    assert [end for end in ends if not isinstance(end, Exception)] == [1, 2, 4, "x"]
    assert isinstance(ends[2], LookupError)
    assert sizes == [4]
    assert await rows(database) == [1, 2, 4, "x"]


async def test_what_a_job_for_many_raises_is_raised_for_all_of_them_and_no_other(
    database: Database,
):
    def store(connection: Connection, values: list[int]) -> list[int]:
        connection.execute(text("INSERT INTO t VALUES (:x)"), [{"x": value} for value in values])
        return values

    jobs = [database.write_batched(store, value) for value in (1, 2, 2)]
    ends = await asyncio.gather(*jobs, database.write(insert(5)), return_exceptions=True)
    assert [type(end) for end in ends] == [IntegrityError] * 3 + [int]
    assert await rows(database) == [5]


async def test_what_is_tried_again_is_not_begun_while_it_closes(tmp_path: Path):
    opened = Database(tmp_path / "test.db", Disk())
    await opened.open()
    held = threading.Event()

    def full(_connection: Connection) -> None:
        held.wait()
        raise OSError(errno.ENOSPC, "No space left on device")

    freeing = asyncio.create_task(opened.write(full, frees=True))
    await asyncio.sleep(0)
    closing = asyncio.create_task(opened.close())
    await asyncio.sleep(0)
    held.set()
    with pytest.raises(BusyError):
        await freeing
    await closing


@pytest.mark.parametrize("alone", [True, False])
async def test_what_a_job_rolled_back_unseen_is_not_acknowledged(
    database: Database, *, alone: bool
):
    def job(connection: Connection) -> None:
        insert(1)(connection)
        with suppress(IntegrityError):
            connection.execute(text("INSERT OR ROLLBACK INTO t VALUES (1)"))

    others = [] if alone else [database.write(insert(2))]
    ends = await asyncio.gather(*others, database.write(job), return_exceptions=True)
    assert all(isinstance(end, Exception) for end in ends)
    assert await rows(database) == []
    assert await database.write(insert(3)) == 3


async def test_who_looks_when_it_is_closed_is_told(tmp_path: Path):
    opened = Database(tmp_path / "test.db", Disk())
    await opened.open()
    assert opened.find(lambda connection: connection.exec_driver_sql("SELECT 1").scalar()) == 1
    await opened.close()
    with pytest.raises(BusyError):
        opened.find(lambda connection: connection.exec_driver_sql("SELECT 1").scalar())


async def test_who_orders_takes_a_place_at_once(database: Database):
    ordered = [database.order(insert(value)) for value in (7, 7, 8)]
    assert database.waiting_count == 3
    assert await ordered[2] == 8
    assert (ordered[0].result(), await rows(database)) == (7, [7, 8])
    assert isinstance(ordered[1].exception(), IntegrityError)
    database._disk.is_read_only = True
    with pytest.raises(ReadOnlyError):
        database.order(insert(9))
