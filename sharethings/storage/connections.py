"""Connections of the database: one that writes, some that read and cannot (durability.md)."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool, QueuePool

from sharethings.storage.faults import fault_of, reason_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncEngine

BUSY_TIMEOUT_SECONDS = 5
JOURNAL_SIZE_LIMIT_BYTES = 64 * 1024 * 1024
READERS_COUNT = 4


class DatabaseError(Exception):
    """The database cannot be used as it must be; the message says what to do."""


@contextmanager
def explain(database: Path) -> Iterator[None]:
    """Raise DatabaseError, with what to do, for what the disk refuses when a server starts."""
    try:
        yield
    except (sqlite3.Error, DBAPIError, OSError) as error:
        fault = fault_of(error)
        if fault is None:
            raise
        raise DatabaseError(
            f"{database} cannot be used: {reason_of(error)}. {fault.value}"
        ) from error


def _prepare(connection: Any, *, read_only: bool, syncs: bool, waits: bool) -> None:  # noqa: ANN401
    """Set up a new connection; `connection` is the DBAPI's (aiosqlite's adapter, for readers)."""
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    mode = cursor.fetchone()[0]
    if mode != "wal":
        raise DatabaseError(
            f"The database runs in journal mode {mode}, not WAL. Put the data directory on a "
            "local file system."
        )
    for pragma in (
        f"synchronous={'FULL' if syncs else 'OFF'}",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_TIMEOUT_SECONDS * 1000 if waits else 0}",
        "trusted_schema=OFF",
        "secure_delete=ON",
        f"journal_size_limit={JOURNAL_SIZE_LIMIT_BYTES}",
        f"query_only={'ON' if read_only else 'OFF'}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
        cursor.fetchall()
    cursor.close()


def _listen(engine: Engine, *, read_only: bool, syncs: bool, on_loop: bool = False) -> None:
    @event.listens_for(engine, "connect")
    def connect(connection: Any, _record: object) -> None:  # noqa: ANN401
        _prepare(connection, read_only=read_only, syncs=syncs, waits=not on_loop)

    if on_loop:
        return

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:  # noqa: ANN401
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def _one(path: Path) -> Engine:
    return create_engine(
        f"sqlite:///{path}",
        poolclass=QueuePool,
        pool_size=1,
        max_overflow=0,
        hide_parameters=True,  # a fault in the log must not carry ids
    )


def open_writing(path: Path, *, syncs: bool) -> Engine:
    """Prepare the connection that writes; it is opened when it is used first."""
    engine = _one(path)
    _listen(engine, read_only=False, syncs=syncs)
    return engine


def open_finding(path: Path) -> Engine:
    """Prepare a connection for single statements on the loop.

    It begins no transaction, cannot write and waits for no lock.
    """
    engine = _one(path)
    _listen(engine, read_only=True, syncs=True, on_loop=True)
    return engine


def open_reading(path: Path) -> AsyncEngine:
    """Prepare connections that see one state of the database and cannot write."""
    engine = create_async_engine(
        f"sqlite+aiosqlite:///{path}",
        poolclass=AsyncAdaptedQueuePool,
        pool_size=READERS_COUNT,
        max_overflow=0,
        hide_parameters=True,
    )
    _listen(engine.sync_engine, read_only=True, syncs=True)
    return engine
