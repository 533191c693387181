"""Fixtures of the tests of faults."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sharethings.storage.migrate import upgrade
from tests.fault.harness import Driver
from tests.fault.shim import build

if TYPE_CHECKING:
    from collections.abc import Iterator

MEMORY = Path("/dev/shm")  # noqa: S108 - a disk that is as fast as faults are many


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shim."""
    return build(tmp_path_factory.mktemp("shim"))


@pytest.fixture(scope="module")
def driver(library: Path) -> Iterator[Driver]:
    """A process that forks for each run, on data directories in memory."""
    folder = Path(tempfile.mkdtemp(prefix="fault-", dir=MEMORY if MEMORY.is_dir() else None))
    one = Driver(folder, library)
    yield one
    one.stop()
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def old(driver: Driver) -> Path:
    """The same data directory as the first version of the schema had it."""
    root = driver.roots / "old"
    shutil.copytree(driver.filled, root)
    database = driver.folder / "old.db"  # beside files none is made
    upgrade(database, "0001")
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("ATTACH ? AS new", (str(root / "sharethings.db"),))
        for table in ("instance", "sessions", "content_metadata", "chunk_metadata", "removals"):
            columns = ",".join(row[1] for row in connection.execute(f"PRAGMA table_info({table})"))
            connection.execute(f"INSERT INTO {table} SELECT {columns} FROM new.{table}")  # noqa: S608
    database.replace(root / "sharethings.db")
    return root
