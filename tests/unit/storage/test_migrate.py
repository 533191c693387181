"""Migrations: from nothing, from before, from later, and from a damaged file."""

from __future__ import annotations

import os
import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
import sqlalchemy
import structlog
from alembic.config import Config
from alembic.script import ScriptDirectory

from sharethings.storage import migrate as module
from sharethings.storage.connections import DatabaseError
from sharethings.storage.migrate import migrate

if TYPE_CHECKING:
    from pathlib import Path


def change(database: Path, statement: str) -> None:
    """Run one statement."""
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(statement)


def schema(database: Path) -> dict[str, str]:
    """Give how each table and index is made, without regard to how it was written down."""
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
        return {name: re.sub(r"\s+", "", sql) for name, sql in rows}


def test_a_new_database_is_the_one_that_all_migrations_make(tmp_path: Path):
    database, upgraded = tmp_path / "new.db", tmp_path / "upgraded.db"
    migrate(database, tmp_path)
    module.upgrade(upgraded)
    assert schema(database) == schema(upgraded)
    assert module.read_schema(database) == module.read_schema(upgraded)
    before = database.stat().st_mtime_ns
    migrate(database, tmp_path)
    assert database.stat().st_mtime_ns == before
    assert not list(tmp_path.glob("before-*"))


def test_the_names_of_the_migrations_are_their_order():
    config = Config()
    config.set_main_option("script_location", str(module._scripts()))
    scripts = ScriptDirectory.from_config(config)
    known = [script.revision for script in scripts.walk_revisions()]
    assert module.known_schemas() == known


def test_a_newer_database_is_refused_and_left_as_it_is(tmp_path: Path):
    database = tmp_path / "later.db"
    migrate(database, tmp_path)
    change(database, "UPDATE alembic_version SET version_num = '9999'")
    before = database.read_bytes()
    with pytest.raises(DatabaseError, match="newer than this version knows"):
        migrate(database, tmp_path)
    assert database.read_bytes() == before


@pytest.mark.parametrize("content", [b"not a database" * 100, b"SQLite format 3\0" + bytes(4000)])
def test_a_damaged_database_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes):
    database = tmp_path / "damaged.db"
    database.write_bytes(content)
    with pytest.raises(DatabaseError, match="Restore a backup"):
        migrate(database, tmp_path)
    assert database.read_bytes() == content


@pytest.mark.parametrize("content", [None, b"", "no schema"])
def test_no_new_database_is_made_beside_files_that_the_old_one_knew(
    tmp_path: Path, content: bytes | str | None
):
    database, file = tmp_path / "lost.db", tmp_path / "sessions" / "s" / "b" / "0.bin"
    if content == "no schema":
        change(database, "PRAGMA user_version = 1")
    elif isinstance(content, bytes):
        database.write_bytes(content)
    before = database.read_bytes() if database.exists() else None
    file.parent.mkdir(parents=True)
    file.write_bytes(b"x")
    with pytest.raises(DatabaseError, match=r"missing or empty.* Restore .* move sessions/ away"):
        migrate(database, tmp_path)
    assert (database.read_bytes() if database.exists() else None) == before
    (tmp_path / "sessions").rename(tmp_path / "away")
    (tmp_path / "sessions").mkdir()
    migrate(database, tmp_path)
    assert module.read_schema(database) == module.known_schemas()[0]


def test_a_database_is_backed_up_before_it_is_migrated(tmp_path: Path):
    database = tmp_path / "old.db"
    module.upgrade(database, "0001")
    change(database, "INSERT INTO instance VALUES (1, x'aabb', 1)")
    migrate(database, tmp_path)
    for path, revision in ((tmp_path / "before-0002.db", "0001"), (database, "0002")):
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == (
                revision,
            )
            assert connection.execute("SELECT realm FROM instance").fetchone() == (b"\xaa\xbb",)


def test_of_the_databases_from_before_only_the_newest_stay(tmp_path: Path):
    database = tmp_path / "old.db"
    module.upgrade(database, "0001")
    for age, name in enumerate(("before-0001.db", "before-0000.db", "before-9.db", "mine.db")):
        tmp_path.joinpath(name).touch()
        os.utime(tmp_path / name, (2e9 - age, 2e9 - age))  # after the copy, by a clock that was set

    def left() -> set[str]:
        return {path.name for path in tmp_path.glob("*.db")} - {"old.db"}

    change(database, "ALTER TABLE instance ADD COLUMN is_clean INTEGER")
    with pytest.raises(sqlalchemy.exc.OperationalError, match="duplicate"):
        migrate(database, tmp_path)
    assert len(left()) == 5
    change(database, "ALTER TABLE instance DROP COLUMN is_clean")
    with structlog.testing.capture_logs() as told:
        migrate(database, tmp_path)
        migrate(database, tmp_path)
    assert left() == {"before-0002.db", "before-0001.db", "before-0000.db", "mine.db"}
    assert [(line["event"], line["copy"], line["copies_removed"]) for line in told] == [
        ("migrated", "before-0002.db", ["before-9.db"])
    ]
