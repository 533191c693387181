"""Statements that are put together once, on connections of each kind."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import bindparam, insert, literal, select, update

from sharethings.protocol.errors import BusyError
from sharethings.storage.database import Connection, Database
from sharethings.storage.disk import Disk
from sharethings.storage.prepared import Prepared
from sharethings.storage.tables import instance, metadata

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

GET = Prepared(
    select(instance.c.created_at, instance.c.realm, literal(7) * 6).where(
        instance.c.id == bindparam("number")
    )
)
INSERT = Prepared(insert(instance), "id", "realm", "created_at")
LATER = Prepared(
    update(instance)
    .where(instance.c.id == bindparam("number"))
    .values(created_at=instance.c.created_at + 5)
    .returning(instance.c.created_at)
)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """An open database with one row."""
    database = Database(tmp_path / "test.db", Disk())
    await database.open()
    await database.write(metadata.create_all)
    await database.write(lambda c: INSERT.all(c, id=1, realm=b"r", created_at=100))
    yield database
    await database.close()


async def test_rows_have_names_and_constants_their_values(database: Database):
    row = database.find(lambda c: GET.one(c, number=1))
    assert (row.created_at, row.realm, row[2]) == (100, b"r", 42)
    assert database.find(lambda c: GET.one(c, number=2)) is None
    assert await database.write(lambda c: LATER.all(c, number=1)) == [(105,)]


async def test_a_reader_sees_one_state_from_the_first_on(database: Database, tmp_path: Path):
    path = tmp_path / "test.db"

    def look(connection: Connection) -> tuple[int, int]:
        before = GET.one(connection, number=1).created_at
        with closing(sqlite3.connect(path)) as other, other:
            other.execute("UPDATE instance SET created_at = 1")
        return before, GET.one(connection, number=1).created_at

    assert await database.read(look) == (100, 100)
    assert database.find(lambda c: GET.one(c, number=1)).created_at == 1


async def test_what_a_failing_job_wrote_does_not_stay(database: Database):
    def job(connection: Connection) -> None:
        LATER.all(connection, number=1)
        raise KeyError

    with pytest.raises(KeyError):
        await database.write(job)
    assert database.find(lambda c: GET.one(c, number=1)).created_at == 100


async def test_what_the_disk_refuses_is_told_as_by_all_statements(database: Database):
    with pytest.raises(BusyError):
        database.find(lambda c: LATER.all(c, number=1))  # this connection cannot write
