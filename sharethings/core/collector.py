"""The collector: takes away what was removed, soon after and at the next start.

A removal deletes contents and notes their blobs: a content may have a million chunks, and to
delete their rows with it would hold the writer for seconds. So they go here, piece by piece, and
the blob's folder with the last of them.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import structlog

from sharethings.protocol.errors import BusyError
from sharethings.storage import garbage_rows
from sharethings.storage.faults import reason_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from sharethings.core.ports import ChunkStore
    from sharethings.storage.database import Connection, Database

RETRY_SECONDS = 60.0
BACKUP_RETRY_SECONDS = 5
NOTES_PER_PIECE = 50
CHUNKS_PER_PIECE = 1000
"""What one transaction takes away: it holds the writer for some 5 ms (tests/bench/sweep.py)."""
log = structlog.get_logger(__name__)


class Collector:
    """One task that empties the table `gc`."""

    def __init__(self, database: Database, files: ChunkStore) -> None:
        """Take the database that lists garbage and the files it is made of."""
        self._database = database
        self._files = files
        self._wake = asyncio.Event()
        self._turn = asyncio.Lock()
        self._pauses = 0
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start the task; what an earlier run left goes first."""
        self._wake.set()
        self._task = asyncio.create_task(self._run(), name="collector")

    async def stop(self) -> None:
        """End the task; what it has not done is done after the next start."""
        if self._task is not None:
            async with self._turn:  # not in the middle of a piece
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
        """Take all that is noted away, files and chunk rows. Raises OSError; the rest stays noted.

        Between two pieces the writer is left to others for as long as the piece took.
        """
        seconds: float | None = 0.0
        while seconds is not None:
            seconds = await self._take(lambda c: garbage_rows.oldest(c, NOTES_PER_PIECE))
            await asyncio.sleep(seconds or 0.0)
            await self._crumble()

    async def clear(self, session_id: str, blob_id: str) -> None:
        """Take away at once what is left of a blob: somebody waits to share it again.

        Raises BusyError while folders have to stay.
        """
        seconds: float | None = 0.0
        while seconds is not None:
            if self._pauses:
                raise BusyError(
                    "This was removed, and a backup is made that may hold it yet.",
                    retry_after_seconds=BACKUP_RETRY_SECONDS,
                )
            try:
                seconds = await self._take(lambda c: garbage_rows.of_blob(c, session_id, blob_id))
            except PermissionError as error:
                raise BusyError(
                    "This was removed, and the server may not move its files. Tell who runs it.",
                    retry_after_seconds=round(RETRY_SECONDS),
                ) from error

    @asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        """Leave every folder where it is while the block runs: somebody copies them."""
        self._pauses += 1
        try:
            async with self._turn:
                yield
        finally:
            self._pauses -= 1

    async def _take(self, choose: Callable[[Connection], list[int]]) -> float | None:
        """Take a piece of what is noted away; gives the seconds it took, None for nothing noted.

        A folder goes with the last chunk rows of its blob, and in a job of the writer, where
        chunks get their names: no new chunk can go into a folder that leaves. The notes are
        those that a reader sees: a folder must not go in the transaction of the removal itself,
        which can still come to nothing. A folder that may not be moved, because somebody changed
        its owner, is noted again, last, so that it holds up no other. Raises PermissionError
        after it.
        """
        refused: list[PermissionError] = []

        def job(connection: Connection) -> None:
            for session_id, blob_id in garbage_rows.take(connection, notes, CHUNKS_PER_PIECE):
                try:
                    self._files.bury(session_id, blob_id)
                except PermissionError as error:
                    refused.append(error)
                    now = time.time_ns() // 1_000_000
                    garbage_rows.note(connection, session_id, [blob_id], now)

        async with self._turn:
            begun = time.monotonic()
            notes = await self._database.read(choose)
            if notes:
                await self._database.write(job, frees=True)
        if refused:
            raise refused[0]
        return time.monotonic() - begun if notes else None

    async def _crumble(self) -> None:
        is_more = True
        while is_more:
            async with self._turn:
                is_more = await asyncio.to_thread(self._files.crumble)
