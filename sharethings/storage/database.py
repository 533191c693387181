"""The database: one writer that commits many jobs at once, readers apart (durability.md).

A job is a function of a connection. Jobs that wait when the writer is free are run in one
transaction, each under its own savepoint, and answered only after the commit: that is group
commit, and it is why a failing job harms no other.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

if TYPE_CHECKING:
    from pathlib import Path

T = TypeVar("T")
Connection = AsyncConnection
Job = Callable[[Connection], Awaitable[T]]

BUSY_TIMEOUT_SECONDS = 5
JOURNAL_SIZE_LIMIT_BYTES = 64 * 1024 * 1024
JOBS_PER_COMMIT_MAX = 256
"""Bounds how long one commit holds the writer; a full batch takes some 50 ms here."""
READERS_COUNT = 4


class DatabaseError(Exception):
    """The database cannot be used as it must be; the message says what to do."""


@dataclass(slots=True)
class _Order(Generic[T]):
    job: Job[T]
    future: asyncio.Future[T]
    result: T | None = None
    error: BaseException | None = None


def _prepare(connection: Any, *, read_only: bool, syncs: bool) -> None:  # noqa: ANN401
    """Set up a new connection; `connection` is the DBAPI's (aiosqlite's adapter)."""
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
        f"busy_timeout={BUSY_TIMEOUT_SECONDS * 1000}",
        "trusted_schema=OFF",
        "secure_delete=ON",
        f"journal_size_limit={JOURNAL_SIZE_LIMIT_BYTES}",
        f"query_only={'ON' if read_only else 'OFF'}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
        cursor.fetchall()
    cursor.close()


def _engine(path: Path, *, read_only: bool, syncs: bool) -> AsyncEngine:
    engine = create_async_engine(
        f"sqlite+aiosqlite:///{path}",
        poolclass=AsyncAdaptedQueuePool,
        pool_size=READERS_COUNT if read_only else 1,
        max_overflow=0,
        hide_parameters=True,  # a fault in the log must not carry ids
    )

    @event.listens_for(engine.sync_engine, "connect")
    def connect(connection: Any, _record: object) -> None:  # noqa: ANN401
        _prepare(connection, read_only=read_only, syncs=syncs)

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Any) -> None:  # noqa: ANN401
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


class Database:
    """An open SQLite database."""

    def __init__(self, path: Path, *, syncs: bool = True) -> None:
        """Prepare for the file at `path`; nothing is opened before `open`.

        Unless it `syncs`, what is committed outlives this process but not a power cut.
        """
        self._writing = _engine(path, read_only=False, syncs=syncs)
        self._reading = _engine(path, read_only=True, syncs=syncs)
        self._orders: asyncio.Queue[_Order[Any] | None] = asyncio.Queue()
        self._writer: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Connect and start the writer. Raises DatabaseError when WAL cannot be had."""
        async with self._writing.connect() as connection:
            await connection.exec_driver_sql("SELECT 1")
        self._writer = asyncio.create_task(self._write_all(), name="database writer")

    async def close(self) -> None:
        """Finish what waits, write the log back into the database, and disconnect."""
        if self._writer is not None:
            self._orders.put_nowait(None)
            await self._writer
            async with self._writing.connect() as connection:
                await connection.commit()
                raw = await connection.get_raw_connection()
                await raw.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]
        await self._reading.dispose()
        await self._writing.dispose()

    async def write(self, job: Job[T]) -> T:
        """Run `job` in a transaction; when this returns, it is committed.

        A job may raise: then nothing of it stays, and the exception is raised here. A job
        whose caller is cancelled before its turn is not run.
        """
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        order = _Order(job, future)
        self._orders.put_nowait(order)
        return await future

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Connection]:
        """Give a connection that sees one state of the database and cannot write."""
        async with self._reading.connect() as connection:
            yield connection

    async def _write_all(self) -> None:
        ending = False
        while not ending:
            batch = [await self._orders.get()]
            while len(batch) < JOBS_PER_COMMIT_MAX and not self._orders.empty():
                batch.append(self._orders.get_nowait())
            orders = [order for order in batch if order is not None]
            ending = len(orders) < len(batch)
            if orders:
                await self._commit(orders)

    async def _commit(self, orders: list[_Order[Any]]) -> None:
        try:
            async with self._writing.begin() as connection:
                for order in orders:
                    if order.future.cancelled():
                        continue
                    await _run(connection, order)
        except Exception as error:  # noqa: BLE001 - nothing of the transaction stands
            for order in orders:
                order.error = error
        for order in orders:
            if order.future.done():
                continue
            if order.error is not None:
                order.future.set_exception(order.error)
            else:
                order.future.set_result(order.result)


async def _run(connection: Connection, order: _Order[Any]) -> None:
    """Run a job under a savepoint.

    Raises the job's failure when it took the whole transaction with it: for want of space or
    after an I/O error SQLite rolls back by itself, and a COMMIT of nothing would succeed.
    """
    try:
        async with connection.begin_nested():
            order.result = await order.job(connection)
    except Exception as error:  # noqa: BLE001 - handed to who gave the job
        order.error = error
    raw = await connection.get_raw_connection()
    if not raw.driver_connection.in_transaction:  # type: ignore[union-attr]
        raise order.error or DatabaseError("The transaction was ended by a job.")
