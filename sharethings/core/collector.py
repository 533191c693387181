"""The collector: takes what was removed off the disk, soon after and at the next start."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import structlog

from sharethings.storage import garbage_rows
from sharethings.storage.faults import reason_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sharethings.core.ports import ChunkStore
    from sharethings.storage.database import Connection, Database

RETRY_SECONDS = 60.0
NOTES_PER_LOOK = 100
"""A sweep leaves tens of thousands: to read them all at once stopped the server for 150 ms."""
log = structlog.get_logger(__name__)


class Collector:
    """One task that empties the table `gc`."""

    def __init__(self, database: Database, files: ChunkStore) -> None:
        """Take the database that lists garbage and the files it is made of."""
        self._database = database
        self._files = files
        self._wake = asyncio.Event()
        self._turn = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start the task; what an earlier run left goes first."""
        self._wake.set()
        self._task = asyncio.create_task(self._run(), name="collector")

    async def stop(self) -> None:
        """End the task; what it has not done is done after the next start."""
        if self._task is not None:
            async with self._turn:  # not in the middle of a folder
                self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def wake(self) -> None:
        """Say that there is garbage."""
        self._wake.set()

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self.collect()
            except Exception as error:  # noqa: BLE001 - the task must outlive a bad hour of the disk
                log.warning("removal_failed", kind=type(error).__name__, error=reason_of(error))
                await asyncio.sleep(RETRY_SECONDS)
                self._wake.set()

    async def collect(self) -> None:
        """Take all that is noted off the disk. Raises OSError; what is left stays noted."""
        while rows := await self._list():
            for number, session_id, blob_id in rows:
                async with self._turn:
                    await self._bury(number, session_id, blob_id)
                    await self._crumble()
        await self._crumble()

    async def _list(self) -> list[tuple[int, str, str]]:
        async with self._turn:
            return await self._database.read(
                lambda connection: garbage_rows.list_garbage(connection, NOTES_PER_LOOK)
            )

    @asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        """Leave every folder where it is while the block runs: somebody copies them."""
        async with self._turn:
            yield

    async def _crumble(self) -> None:
        while await asyncio.to_thread(self._files.crumble):
            pass

    async def _bury(self, number: int, session_id: str, blob_id: str) -> None:
        """Take one folder away, unless its blob was shared again: then the note is gone.

        The note is looked for and the folder renamed in one job of the writer, where chunks get
        their names: no new chunk can go into a folder that leaves.
        """

        def job(connection: Connection) -> None:
            if garbage_rows.take_garbage(connection, number):
                self._files.bury(session_id, blob_id)

        await self._database.write(job, frees=True)
