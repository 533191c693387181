"""The database: one writer that commits many jobs at once, readers apart (durability.md).

A job is a function of a connection. Jobs that wait when the writer is free are run in one
transaction, each under its own savepoint, and answered only after the commit: that is group
commit, and it is why a failing job harms no other. What the disk refuses is told as `Disk` says,
to writers and readers alike.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import structlog
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from sharethings.protocol.errors import BusyError, StorageFullError
from sharethings.storage.faults import fault_of, reason_of

if TYPE_CHECKING:
    from pathlib import Path

    from sharethings.storage.disk import Disk

T = TypeVar("T")
Connection = AsyncConnection
Job = Callable[[Connection], Awaitable[T]]

BUSY_TIMEOUT_SECONDS = 5
JOURNAL_SIZE_LIMIT_BYTES = 64 * 1024 * 1024
JOBS_PER_COMMIT_MAX = 256
"""Bounds how long one commit holds the writer; a full batch takes some 50 ms here."""
READERS_COUNT = 4
STOPPING_RETRY_SECONDS = 5
log = structlog.get_logger(__name__)


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

    def __init__(self, path: Path, disk: Disk, *, syncs: bool = True) -> None:
        """Prepare for the file at `path`; nothing is opened before `open`.

        Unless it `syncs`, what is committed outlives this process but not a power cut.
        """
        self._path = path
        self._disk = disk
        self._writing = _engine(path, read_only=False, syncs=syncs)
        self._reading = _engine(path, read_only=True, syncs=syncs)
        self._orders: asyncio.Queue[_Order[Any] | None] = asyncio.Queue()
        self._writer: asyncio.Task[None] | None = None
        self._is_closing = False
        self.on_commit: Callable[[int, float], None] | None = None
        """Told (jobs, seconds) of each commit."""

    @property
    def waiting_count(self) -> int:
        """How many jobs wait for the writer."""
        return self._orders.qsize()

    async def open(self) -> None:
        """Connect and start the writer. Raises DatabaseError, also when WAL cannot be had."""
        with explain(self._path):
            async with self._writing.connect() as connection:
                await connection.exec_driver_sql("SELECT 1")
        self._writer = asyncio.create_task(self._write_all(), name="database writer")

    async def close(self) -> None:
        """Finish what waits, write the log back into the database, and disconnect."""
        if self._writer is not None:
            self._orders.put_nowait(None)
            self._is_closing = True
            await self._writer
            try:
                await self._write_back()
            except (DBAPIError, sqlite3.Error) as error:  # the next start does it
                log.warning("not_written_back", reason=reason_of(error))
        await self._reading.dispose()
        await self._writing.dispose()

    async def _write_back(self) -> None:
        async with self._writing.connect() as connection:
            await connection.commit()
            raw = await connection.get_raw_connection()
            await raw.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]

    async def write(self, job: Job[T], *, frees: bool = False) -> T:
        """Run `job` in a transaction; when this returns, it is committed.

        A job may raise: then nothing of it stays, and the exception is raised here. A job
        whose caller is cancelled before its turn is not run. Raises ReadOnlyError when nothing
        new is taken, StorageFullError and BusyError for what the disk refuses: then, too,
        nothing of it stays.

        `frees`: the job takes something away, or lets those in who can; it is run even when
        nothing new is taken, and on a full disk in the room of the ballast.
        """
        if self._is_closing:
            raise BusyError("The server is stopping.", retry_after_seconds=STOPPING_RETRY_SECONDS)
        if not frees:
            self._disk.check()
        try:
            return await self._order(job)
        except StorageFullError:
            if not frees:
                raise
            self._disk.spend()
        return await self._order(job)

    async def _order(self, job: Job[T]) -> T:
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        order = _Order(job, future)
        self._orders.put_nowait(order)
        return await future

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Connection]:
        """Give a connection that sees one state of the database and cannot write.

        Raises BusyError for what the disk refuses.
        """
        with self._disk.guard():
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
                began = time.monotonic()
                await self._commit(orders)
                if self.on_commit is not None:
                    self.on_commit(len(orders), time.monotonic() - began)

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
                order.future.set_exception(self._disk.translate(order.error))
            else:
                order.future.set_result(order.result)


async def _run(connection: Connection, order: _Order[Any]) -> None:
    """Run a job under a savepoint.

    Raises the job's failure when it took the whole transaction with it: for want of space or
    after an I/O error SQLite rolls back by itself, and a COMMIT of nothing would succeed.
    """
    savepoint = await connection.begin_nested()
    try:
        order.result = await order.job(connection)
        await savepoint.commit()
    except Exception as error:  # noqa: BLE001 - handed to who gave the job
        order.error = error
        try:
            await savepoint.rollback()
        except DBAPIError:  # it is gone, and the transaction with it
            raise error from None
    raw = await connection.get_raw_connection()
    if not raw.driver_connection.in_transaction:  # type: ignore[union-attr]
        raise order.error or DatabaseError("The transaction was ended by a job.")
