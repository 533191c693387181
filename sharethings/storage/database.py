"""The database: one writer that commits many jobs at once, readers apart (durability.md).

A job is a plain function of a connection and runs in the writer's own thread. Jobs that wait when
the writer is free are run in one transaction, under savepoints where they differ, and answered only
after the commit: that is group commit, and it is why a failing job harms no other. Jobs of the
same kind can be run as one, a set of rows at a time (`write_batched`). What the disk refuses is
told as `Disk` says, to writers and readers alike.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy
import structlog
from sqlalchemy.exc import DBAPIError

from sharethings.protocol.errors import BusyError, StorageFullError
from sharethings.storage.connections import (
    DatabaseError,
    explain,
    open_finding,
    open_reading,
    open_writing,
)
from sharethings.storage.faults import reason_of

if TYPE_CHECKING:
    from pathlib import Path

    from sharethings.storage.disk import Disk

I = TypeVar("I")  # noqa: E741 - an item, beside the T of a result
T = TypeVar("T")
Connection = sqlalchemy.Connection
Job = Callable[[Connection], T]
BatchedJob = Callable[[Connection, list[I]], Sequence[T | Exception]]

JOBS_PER_COMMIT_MAX = 256
"""Bounds how long one commit holds the writer; a full batch takes some 50 ms here."""
STOPPING_RETRY_SECONDS = 5
log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Order:
    job: BatchedJob[Any, Any]
    item: object
    future: asyncio.Future[Any]
    result: object = None
    error: BaseException | None = None


class Database:
    """An open SQLite database."""

    def __init__(self, path: Path, disk: Disk, *, syncs: bool = True) -> None:
        """Prepare for the file at `path`; nothing is opened before `open`.

        Unless it `syncs`, what is committed outlives this process but not a power cut.
        """
        self._path = path
        self._disk = disk
        self._writing = open_writing(path, syncs=syncs)
        self._connection: Connection | None = None
        self._reading = open_reading(path)
        self._finding = open_finding(path)
        self._found_by: Connection | None = None
        self._thread = ThreadPoolExecutor(1, "database writer")
        self._orders: asyncio.Queue[_Order | None] = asyncio.Queue()
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
            await self._in_thread(self._connected)
            self._found_by = self._finding.connect()
        self._writer = asyncio.create_task(self._write_all(), name="database writer")

    async def close(self) -> None:
        """Finish what waits, write the log back into the database, and disconnect."""
        if self._writer is not None:
            self._orders.put_nowait(None)
            self._is_closing = True
            await self._writer
            self._writer = None
            try:
                await self._in_thread(self._write_back)
            except (DBAPIError, sqlite3.Error) as error:  # the next start does it
                log.warning("not_written_back", reason=reason_of(error))
        if self._connection is not None:
            await self._in_thread(self._disconnect)
        await self._reading.dispose()
        if self._found_by is not None:
            self._found_by.close()
            self._found_by = None
        self._finding.dispose()
        self._writing.dispose()
        self._thread.shutdown()

    def _write_back(self) -> None:
        raw: Any = self._connected().connection.driver_connection
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _connected(self) -> Connection:
        """Give the writer's connection: to take it out of its pool anew costs as much as a job."""
        if self._connection is None:
            self._connection = self._writing.connect()
        return self._connection

    def _disconnect(self) -> None:
        """Give the connection back, which rolls back whatever stands in it."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    async def _in_thread(self, act: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, act)

    async def write(self, job: Job[T], *, frees: bool = False) -> T:
        """Run `job` in a transaction, in the writer's thread; when this returns, it is committed.

        A job may raise: then nothing of it stays, and the exception is raised here. A job
        whose caller is cancelled before its turn is not run. Raises ReadOnlyError when nothing
        new is taken, StorageFullError and BusyError for what the disk refuses: then, too,
        nothing of it stays.

        `frees`: the job takes something away, or lets those in who can; it is run even when
        nothing new is taken, on a full disk in the room of the ballast, and once more after each
        fault until the disk counts as broken: then ReadOnlyError says that it cannot be done.
        """
        return await self.write_batched(_alone(job), None, frees=frees)

    def order(self, job: Job[T]) -> asyncio.Future[T]:
        """Do the same in two steps: the place of `job` among all others is taken at once.

        So whoever orders one job after the other has them done in that order, without waiting
        for the first to be committed. Raises what refuses new things at once; the future does
        the rest.
        """
        self._disk.check()
        return self._order(_alone(job), None)

    async def write_batched(self, job: BatchedJob[I, T], item: I, *, frees: bool = False) -> T:
        """Do the same with an item; those that wait for the same `job` are given to it together.

        It gives a result for each, or the exception that is raised for its item. Whatever it
        raises itself is raised for all of them, and nothing of them stays.
        """
        if not frees:
            self._disk.check()
            return await self._order(job, item)
        try:
            return await self._insist(job, item)
        except StorageFullError:
            self._disk.spend()
        return await self._insist(job, item)

    async def _insist(self, job: BatchedJob[I, T], item: I) -> T:
        """Order a job again after each fault of the disk, until nothing new is taken anyway."""
        while True:
            faults_count = self._disk.faults_count
            try:
                return await self._order(job, item)
            except BusyError:
                if self._disk.faults_count == faults_count:
                    raise  # nothing that was broken: it passes by itself
                self._disk.check()

    def _order(self, job: BatchedJob[I, T], item: I) -> asyncio.Future[T]:
        if self._is_closing:
            raise BusyError("The server is stopping.", retry_after_seconds=STOPPING_RETRY_SECONDS)
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._orders.put_nowait(_Order(job, item, future))
        return future

    async def read(self, look: Job[T]) -> T:
        """Give what `look` finds; it sees one state of the database and cannot write.

        Raises BusyError for what the disk refuses.
        """
        with self._disk.guard():
            async with self._reading.connect() as connection:
                return await connection.run_sync(look)

    def find(self, look: Job[T]) -> T:
        """Give what `look` finds, at once and without another thread; it runs one statement.

        For one row by its key: that takes a twentieth of what it takes to hand it over to a
        reader and wait (docs/decisions/0026). Raises BusyError for what the disk refuses.
        """
        with self._disk.guard():
            if self._found_by is None:
                raise BusyError("The database is not open.")
            return look(self._found_by)

    async def _write_all(self) -> None:
        ending = False
        while not ending:
            batch = [await self._orders.get()]
            await asyncio.sleep(0)  # who was just answered may ask for the next
            while len(batch) < JOBS_PER_COMMIT_MAX and not self._orders.empty():
                batch.append(self._orders.get_nowait())
            orders = [order for order in batch if order is not None]
            ending = len(orders) < len(batch)
            if orders:
                began = time.monotonic()
                await self._in_thread(partial(self._commit, orders))
                self._answer(orders)
                if self.on_commit is not None:
                    self.on_commit(len(orders), time.monotonic() - began)

    def _commit(self, orders: list[_Order]) -> None:
        """Run what was ordered and is still wanted, each kind of job once."""
        kinds: dict[object, list[_Order]] = {}
        for order in orders:
            if not order.future.cancelled():
                kinds.setdefault(order.job, []).append(order)
        run = _run if len(kinds) == 1 else _run_apart
        try:
            with self._connected().begin() as transaction:
                raw: Any = transaction.connection.connection.driver_connection
                for alike in kinds.values():
                    run(transaction.connection, alike)
                    if not raw.in_transaction:  # a COMMIT of nothing would succeed
                        raise DatabaseError("The transaction was ended by a job.")  # noqa: TRY301
        except Exception as error:  # noqa: BLE001 - nothing of the transaction stands
            self._disconnect()
            for order in orders:
                order.error = error

    def _answer(self, orders: list[_Order]) -> None:
        for order in orders:
            if order.future.done():
                continue
            if order.error is not None:
                order.future.set_exception(self._disk.translate(order.error))
            else:
                order.future.set_result(order.result)


def _alone(job: Job[T]) -> BatchedJob[None, T]:
    """Make a kind of its own of a job."""
    return lambda connection, _: [job(connection)]


def _run(connection: Connection, orders: list[_Order]) -> None:
    """Run the job that orders have in common."""
    results = orders[0].job(connection, [order.item for order in orders])
    for order, result in zip(orders, results, strict=True):
        if isinstance(result, Exception):
            order.error = result
        else:
            order.result = result


def _run_apart(connection: Connection, orders: list[_Order]) -> None:
    """Do the same under a savepoint: others stand in the transaction, too.

    Raises the job's failure when it took the whole transaction with it: for want of space or
    after an I/O error SQLite rolls back by itself.
    """
    raw: Any = connection.connection.driver_connection
    raw.execute("SAVEPOINT job")
    try:
        _run(connection, orders)
        raw.execute("RELEASE job")
    except Exception as error:  # noqa: BLE001 - handed to who gave the job
        for order in orders:
            order.error = error
        try:
            raw.execute("ROLLBACK TO job")
            raw.execute("RELEASE job")
        except sqlite3.Error:  # it is gone, and the transaction with it
            raise error from None
