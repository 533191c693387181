"""Damage: stored bytes that are lost, or others than were acknowledged (durability.md, "Reads").

Who reads notices first: a chunk does not open, and is reported. What a member says marks
nothing: the server compares the bytes with the digest of the row itself. A damaged chunk counts
as missing in every content of its blob until the same bytes are sent again.
"""

from __future__ import annotations

import asyncio
import errno
from hashlib import sha256
from typing import TYPE_CHECKING

import structlog

from sharethings.core.throttle import Pace
from sharethings.core.views import view_content
from sharethings.protocol import replies, requests
from sharethings.protocol.announcements import ContentChanged
from sharethings.protocol.errors import (
    BusyError,
    ChunkNotFoundError,
    ContentNotFoundError,
    ThrottledError,
)
from sharethings.storage import blob_rows, chunk_rows, content_rows, session_rows
from sharethings.storage.chunk_files import ChunkFiles

if TYPE_CHECKING:
    from pathlib import Path

    from sharethings.core.announce import Announce
    from sharethings.core.arrivals import Arrival
    from sharethings.core.clock import Clock
    from sharethings.core.ports import ChunkStore, Incoming
    from sharethings.records import Chunk, Content, Member
    from sharethings.storage.chunk_files import Stamp
    from sharethings.storage.database import Connection, Database

LOST = {
    *(errno.EIO, errno.EBADMSG, errno.ESTALE, errno.EUCLEAN),
    *(errno.ENOENT, errno.ENOTDIR, errno.ELOOP),
}
"""Failures of reading that tell of the stored bytes, not of the server's hour."""
REPORTS_PER_SECOND = 2
REPORTS_BURST = 4
"""Of one member: each makes the server read up to 4 MiB."""
RETRY_SECONDS = 5
log = structlog.get_logger(__name__)


class Damage:
    """Finds out whether stored chunks are what was acknowledged, and tells the members."""

    def __init__(
        self, database: Database, files: ChunkStore, announce: Announce, clock: Clock
    ) -> None:
        """Take the parts that it works with."""
        self._database = database
        self._files = files
        self._announce = announce
        self._clock = clock
        self._turn = asyncio.Lock()
        self._healing = asyncio.Lock()
        self._paces: dict[tuple[str, str], Pace] = {}

    async def report(self, member: Member, request: requests.ContentReport) -> replies.Done:
        """Look at a chunk that a member could not open.

        Raises ThrottledError, ContentNotFoundError, ChunkNotFoundError, BusyError.
        """
        self._slow_down(member)

        def look(connection: Connection) -> tuple[Content, Chunk]:
            content = content_rows.get_content(connection, member.session_id, request.content_id)
            if content is None:
                raise ContentNotFoundError
            chunk = chunk_rows.get_chunk(
                connection, content.session_id, content.blob_id, request.chunk_index
            )
            if chunk is None:
                raise ChunkNotFoundError
            return content, chunk

        content, chunk = await self._database.read(look)
        await self.is_whole(content, chunk)
        return replies.Done()

    def _slow_down(self, member: Member) -> None:
        key = (member.session_id, member.member_id)
        pace = self._paces.get(key)
        if pace is None:
            self._paces = {of: one for of, one in self._paces.items() if not one.full}
            pace = self._paces[key] = Pace(REPORTS_PER_SECOND, REPORTS_BURST, self._clock)
        if pace.take() > 0:
            raise ThrottledError(retry_after_seconds=1)

    async def has_size(self, content: Content, chunk: Chunk) -> bool:
        """Say whether a chunk's file is there in its size; one that is not is marked."""
        if chunk.is_damaged:
            return False
        stamp = self._stamp(content, chunk)
        if _size(stamp) == chunk.size:
            return True
        await self._mark(content, chunk, stamp)
        return False

    async def is_whole(self, content: Content, chunk: Chunk) -> bool:
        """Say whether a chunk has the bytes of its digest; one that has not is marked.

        One at a time: the disk and the processor are there for others. Raises BusyError when
        the file cannot be read at the moment.
        """
        if chunk.is_damaged:
            return False
        async with self._turn:
            stamp = self._stamp(content, chunk)
            if await self._digest(content, chunk) == chunk.digest:
                return True
        await self._mark(content, chunk, stamp)
        return False

    def _stamp(self, content: Content, chunk: Chunk) -> Stamp | bytes | None:
        """Give what tells the stored bytes of one moment from those of another."""
        found = self._stored(content, chunk)
        try:
            return found if isinstance(found, bytes) else ChunkFiles.stamp(found)
        except OSError as error:
            _check_lost(error)
            return None

    def _stored(self, content: Content, chunk: Chunk) -> Path | bytes:
        if content.inline_chunk is not None:
            return content.inline_chunk
        return self._files.open(content, chunk.chunk_index)

    async def _digest(self, content: Content, chunk: Chunk) -> bytes | None:
        found = self._stored(content, chunk)
        if isinstance(found, bytes):
            return sha256(found).digest()
        try:
            return await asyncio.to_thread(ChunkFiles.digest, found)
        except OSError as error:
            _check_lost(error)
            return None

    async def _mark(self, content: Content, chunk: Chunk, stamp: Stamp | bytes | None) -> None:
        """Mark a chunk, unless it was removed, replaced or marked since `stamp` was taken."""

        def job(connection: Connection) -> list[Content]:
            now = content_rows.any_of_blob(connection, content.session_id, content.blob_id)
            if now is None or self._stamp(now, chunk) != stamp:
                return []
            stored = chunk_rows.get_chunk(
                connection, content.session_id, content.blob_id, chunk.chunk_index
            )
            if stored != chunk:
                return []
            chunk_rows.mark_chunk(connection, content, chunk.chunk_index, is_damaged=True)
            counted = blob_rows.count_chunk(
                connection, content, chunk, self._clock.now_ms(), stored=False
            )
            log.warning("chunk_damaged", session=content.session_id[:8], index=chunk.chunk_index)
            complete = [one for one in counted if one.state == "complete"]
            return [self._change(connection, one, is_damaged=1) for one in complete]

        await self._tell(await self._database.write(job, frees=True))

    async def heal(self, arrival: Arrival) -> list[Content]:
        """Put the right bytes in the place of a damaged chunk; gives the contents of its blob.

        Bytes before row, here too: the file has its name and is on the disk before the chunk
        counts. Contents that lack nothing now are complete again. They count as sent by their
        sender's address. Raises QuotaError, and what the database raises.
        """
        arrival.reservation.take(arrival.chunk.size)
        async with self._healing:  # what is synced is what counts then: no other takes its place
            counted, changed = await self._put_right(arrival)
        await self._tell(changed)
        return counted

    async def _put_right(self, arrival: Arrival) -> tuple[list[Content], list[Content]]:
        """Give the contents of a blob in which a chunk counts again, and those that are whole."""
        content, chunk, incoming = arrival.content, arrival.chunk, arrival.incoming
        data = None if content.inline_chunk is None else incoming.read()
        if data is None:
            await self._database.write(
                lambda connection: self._replace(connection, content, chunk, incoming)
            )
            if await self._files.sync(content, [chunk.chunk_index]):
                raise BusyError(retry_after_seconds=RETRY_SECONDS)

        def job(connection: Connection) -> tuple[list[Content], list[Content]]:
            if not self._is_damaged(connection, content, chunk):
                return [], []
            chunk_rows.mark_chunk(connection, content, chunk.chunk_index, is_damaged=False)
            counted = blob_rows.count_chunk(
                connection, content, chunk, self._clock.now_ms(), stored=True
            )
            whole = [one for one in counted if one.stored_count == one.chunk_count]
            healed = [one for one in whole if one.state == "damaged"]
            values = {} if data is None else {"inline_chunk": data}
            return counted, [
                self._change(connection, one, is_damaged=0, **values) for one in healed
            ]

        return await self._database.write(job)

    def _replace(
        self, connection: Connection, content: Content, chunk: Chunk, incoming: Incoming
    ) -> None:
        if self._is_damaged(connection, content, chunk):
            incoming.keep(content, chunk.chunk_index)

    @staticmethod
    def _is_damaged(connection: Connection, content: Content, chunk: Chunk) -> bool:
        stored = chunk_rows.get_chunk(
            connection, content.session_id, content.blob_id, chunk.chunk_index
        )
        return stored is not None and stored.is_damaged and stored.digest == chunk.digest

    def _change(self, connection: Connection, content: Content, **values: object) -> Content:
        revision = session_rows.bump(connection, content.session_id, self._clock.now_ms())
        return content_rows.change_content(
            connection, content.session_id, content.content_id, revision, **values
        )

    async def _tell(self, changed: list[Content]) -> None:
        for content in changed:
            await self._announce(
                content.session_id,
                ContentChanged(revision=content.revision, content=view_content(content)),
            )


def _check_lost(error: OSError) -> None:
    """Raise BusyError for a failure that tells nothing of the stored bytes."""
    if error.errno not in LOST:
        raise BusyError(retry_after_seconds=RETRY_SECONDS) from error


def _size(stamp: Stamp | bytes | None) -> int | None:
    if isinstance(stamp, bytes):
        return len(stamp)
    return None if stamp is None else stamp.size
