"""Chunks: accept and give one (architecture.md, "The way of one chunk").

Bytes before row, row before announcement, announcement before reply. A chunk that was
acknowledged is never overwritten: a file gets its name in the writer's own transaction, where
no other request can stand between the look at the row and the row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sharethings.core.arrivals import Arrival, Arrivals
from sharethings.protocol.announcements import ContentProgressed
from sharethings.protocol.bulk import ChunkStored, check_chunk_header
from sharethings.protocol.errors import (
    ChunkDamagedError,
    ChunkMalformedError,
    ChunkNotFoundError,
    DigestMismatchError,
    InvalidRequestError,
    QuotaError,
)
from sharethings.protocol.limits import CHUNK_COUNT_MAX, CHUNK_OVERHEAD_BYTES, DIGESTS_MAX
from sharethings.records import Chunk
from sharethings.storage import chunk_rows

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Sequence
    from pathlib import Path

    from sharethings.config import Settings
    from sharethings.core.announce import Announce
    from sharethings.core.arrivals import Outcome
    from sharethings.core.clock import Clock
    from sharethings.core.contents import Contents
    from sharethings.core.damage import Damage
    from sharethings.core.ports import ChunkStore, Incoming
    from sharethings.core.space import Space
    from sharethings.records import Content, Member, Tally
    from sharethings.storage.database import Database

PROGRESS_SECONDS = 0.1
"""At most one `content:progressed` in this time for each content."""
TOLD_COUNT = 1000
"""Contents whose last announcement is remembered before old ones are looked for."""


class Chunks:
    """The doors of the bulk plane."""

    def __init__(
        self,
        database: Database,
        files: ChunkStore,
        contents: Contents,
        damage: Damage,
        space: Space,
        announce: Announce,
        settings: Settings,
        clock: Clock,
    ) -> None:
        """Take the parts that it works with."""
        self._database = database
        self._files = files
        self._contents = contents
        self._damage = damage
        self._space = space
        self._announce = announce
        self._arrivals = Arrivals(settings, clock)
        self._clock = clock
        self._told: dict[tuple[str, str], tuple[float, int]] = {}

    async def accept(
        self,
        member: Member,
        content_id: str,
        chunk_index: int,
        *,
        size: int,
        digest: bytes,
        body: AsyncIterable[bytes],
    ) -> tuple[bool, ChunkStored]:
        """Store a sealed chunk of `size` bytes read from `body`; say whether it is new.

        Raises ChunkMalformedError for a wrong size, index or header, DigestMismatchError,
        ChunkConflictError for other bytes, StorageFullError, BusyError, ReadOnlyError, QuotaError.
        """
        content = self._contents.get(member, content_id)
        _check_place(content, chunk_index, size)
        await self._space.check_chunk()
        if content.total_size is None:  # nothing was promised to it when it was shared
            self._check_day(member, content, chunk_index, size)
        incoming = self._files.begin()
        try:
            await _receive(incoming, body, size, digest)
            check_chunk_header(
                incoming.head,
                size,
                index=chunk_index,
                chunk_size=content.chunk_size,
                chunk_count=content.chunk_count,
            )
            with self._space.reserving(member) as reservation:
                chunk = Chunk(chunk_index, size, digest)
                return await self._store(member, Arrival(content, chunk, incoming, reservation))
        finally:
            incoming.discard()

    async def _store(self, member: Member, arrival: Arrival) -> tuple[bool, ChunkStored]:
        content_id = arrival.content.content_id
        found: Outcome = await self._database.write_batched(self._arrivals.store, arrival)
        counted: Sequence[Tally | Content]
        if isinstance(found, Chunk):
            counted = await self._damage.heal(arrival) if found.is_damaged else []
        else:
            counted = found
        for one in counted:
            await self._tell(one)
        now = next((one for one in counted if one.content_id == content_id), None)
        if now is None:  # it was there already, and others may have come since
            now = self._contents.get(member, content_id)
        return bool(counted), ChunkStored(
            stored_count=now.stored_count, stored_bytes=now.stored_bytes
        )

    async def _tell(self, content: Tally | Content) -> None:
        key = (content.session_id, content.content_id)
        now = self._clock.monotonic()
        last = content.stored_count == content.chunk_count
        at, count = self._told.get(key, (-PROGRESS_SECONDS, -1))
        if now - at < PROGRESS_SECONDS and (not last or count == content.stored_count):
            return
        if len(self._told) >= TOLD_COUNT:
            fresh = now - PROGRESS_SECONDS
            self._told = {k: told for k, told in self._told.items() if told[0] > fresh}
        self._told[key] = (now, content.stored_count)
        await self._announce(
            content.session_id,
            ContentProgressed(
                content_id=content.content_id,
                stored_count=content.stored_count,
                stored_bytes=content.stored_bytes,
            ),
        )

    def _check_day(self, member: Member, content: Content, chunk_index: int, size: int) -> None:
        """Raise QuotaError before a body is read that would be refused after it.

        A chunk that is stored already, whose answer was lost, needs nothing any more.
        """
        try:
            self._space.check_day(member, size)
        except QuotaError:
            if self._find(content, chunk_index) is None:
                raise

    def _find(self, content: Content, chunk_index: int) -> Chunk | None:
        return self._database.find(
            lambda connection: chunk_rows.get_chunk(
                connection, content.session_id, content.blob_id, chunk_index
            )
        )

    async def open(
        self, member: Member, content_id: str, chunk_index: int
    ) -> tuple[Chunk, Path | bytes]:
        """Give a stored chunk's row and where its bytes are: a file, or the bytes themselves.

        Raises ChunkNotFoundError when it has not arrived, ChunkDamagedError when it is lost or
        damaged; the contents of its blob are then marked so.
        """
        content = self._contents.get(member, content_id)
        if not 0 <= chunk_index < CHUNK_COUNT_MAX:
            raise InvalidRequestError("chunk index: 0 to 1048575.")
        chunk = self._find(content, chunk_index)
        if chunk is None:
            raise ChunkNotFoundError
        if not await self._damage.has_size(content, chunk):
            raise ChunkDamagedError
        if content.inline_chunk is not None:
            return chunk, content.inline_chunk
        return chunk, self._files.open(content, chunk_index)

    async def digests(self, member: Member, content_id: str, first: int) -> list[tuple[int, bytes]]:
        """Give index and digest of the stored chunks from index `first` on, DIGESTS_MAX at most.

        A damaged chunk is not among them. Raises ContentNotFoundError.
        """
        content = self._contents.get(member, content_id)
        return await self._database.read(
            lambda connection: chunk_rows.stored_digests(
                connection, content.session_id, content.blob_id, first, DIGESTS_MAX
            )
        )


def _check_place(content: Content, chunk_index: int, size: int) -> None:
    if not 0 <= chunk_index < (content.chunk_count or CHUNK_COUNT_MAX):
        raise ChunkMalformedError(f"The content has no chunk {chunk_index}.")
    if not CHUNK_OVERHEAD_BYTES <= size <= content.chunk_size + CHUNK_OVERHEAD_BYTES:
        raise ChunkMalformedError(
            f"A chunk of this content has at most {content.chunk_size + CHUNK_OVERHEAD_BYTES} "
            f"bytes, not {size}."
        )


async def _receive(
    incoming: Incoming, body: AsyncIterable[bytes], size: int, digest: bytes
) -> None:
    async for piece in body:
        await incoming.write(piece)
        del piece  # the caller has let go of it too
        if incoming.size > size:
            raise ChunkMalformedError("The body is longer than its Content-Length.")
    await incoming.close()
    if incoming.size != size or incoming.digest != digest:
        raise DigestMismatchError
