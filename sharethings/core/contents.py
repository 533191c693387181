"""Contents: complete, rename, pin, remove, clear (protocol.md 6 and 9).

Every change runs as one job of the database's writer: rows and the session's revision move
together, then the members are told, then the caller is answered.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from sharethings.core.views import view_content
from sharethings.protocol import replies, requests
from sharethings.protocol.announcements import ContentChanged, ContentsCleared
from sharethings.protocol.bulk import manifest_revision
from sharethings.protocol.errors import (
    ChunksMissingError,
    ContentConflictError,
    ContentNotFoundError,
    PinLimitError,
    RevisionConflictError,
)
from sharethings.protocol.ids import decode_bytes
from sharethings.protocol.limits import PINNED_MAX
from sharethings.storage import blob_rows, chunk_rows, content_rows, removal_rows, session_rows

if TYPE_CHECKING:
    from sharethings.core.announce import Announce
    from sharethings.core.clock import Clock
    from sharethings.core.collector import Collector
    from sharethings.core.doubts import Doubts
    from sharethings.core.ports import ChunkStore
    from sharethings.core.removals import Removal, Removals
    from sharethings.records import Content, Member
    from sharethings.storage.database import Connection, Database

LOST_PER_WRITE = 1000
"""Chunks that one transaction forgets."""


class Contents:
    """What a member can do with contents; chunks are in `chunks.py`."""

    def __init__(
        self,
        database: Database,
        files: ChunkStore,
        doubts: Doubts,
        removals: Removals,
        collector: Collector,
        announce: Announce,
        clock: Clock,
    ) -> None:
        """Take the parts that it works with."""
        self._database = database
        self._files = files
        self._doubts = doubts
        self._removals = removals
        self._collector = collector
        self._announce = announce
        self._clock = clock
        self._syncing: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    def get(self, member: Member, content_id: str) -> Content:
        """Give a content's row. Raises ContentNotFoundError."""
        return self._database.find(
            lambda connection: _existing(connection, member.session_id, content_id)
        )

    async def missing(self, content: Content) -> replies.Shared:
        """Answer which chunks of a content are not stored."""
        missing: list[tuple[int, int]] = []
        if content.state != "complete":
            missing = await self._database.read(
                lambda connection: chunk_rows.missing_ranges(
                    connection, content.session_id, content.blob_id, content.chunk_count
                )
            )
        return replies.Shared(
            revision=content.revision,
            state=content.state,
            missing=missing,
            missing_count=None
            if content.chunk_count is None
            else content.chunk_count - content.stored_count,
            stored_count=content.stored_count,
        )

    async def complete(self, member: Member, request: requests.ContentComplete) -> replies.Changed:
        """Bring the chunks onto the disk, then mark the content complete.

        Raises ChunksMissingError with the missing ranges, those too whose bytes the disk has
        lost and which are forgotten; RevisionConflictError unless the manifest is the stored
        revision + 1; BusyError while the bytes are in doubt. The same completion again is
        answered as done.

        One at a time for each blob, and to the end also when who asks is cancelled: of a loss the
        system tells only once, and what it told must be in the rows before anybody syncs again.
        """
        content = self.get(member, request.content_id)
        manifest = decode_bytes(request.manifest)
        if content.state == "complete" and content.manifest == manifest:
            return replies.Changed(revision=content.revision)

        self._doubts.check(content)
        return await asyncio.shield(self._complete(content, request, manifest))

    async def _complete(
        self, content: Content, request: requests.ContentComplete, manifest: bytes
    ) -> replies.Changed:
        blob = (content.session_id, content.blob_id)
        async with self._syncing.setdefault(blob, asyncio.Lock()):
            await self._sync(content, request)
            completed = await self._mark_complete(content, request, manifest)
        return await self._tell(completed)

    async def _sync(self, content: Content, request: requests.ContentComplete) -> None:
        """Bring the chunks of a content onto the disk; those that are lost are forgotten."""

        def look(connection: Connection) -> list[int]:
            now = _existing(connection, content.session_id, content.content_id)
            _check_whole(connection, now, request)
            return blob_rows.unsynced(connection, content.session_id, content.blob_id)

        indexes = await self._database.read(look)
        lost = await self._files.sync(content, indexes)
        if lost:  # before the rows, which may not be writable now: a missing file says it, too
            with suppress(OSError):
                await asyncio.to_thread(self._files.drop, content.session_id, content.blob_id, lost)
        for first in range(0, len(lost), LOST_PER_WRITE):
            forget = partial(
                blob_rows.forget_chunks,
                content=content,
                indexes=lost[first : first + LOST_PER_WRITE],
                now=self._clock.now_ms(),
            )
            await self._database.write(forget, frees=True)

    async def _mark_complete(
        self, content: Content, request: requests.ContentComplete, manifest: bytes
    ) -> Content:
        def job(connection: Connection) -> Content:
            now = _existing(connection, content.session_id, content.content_id)
            if now.state == "complete":
                if now.manifest == manifest:
                    return now
                raise ContentConflictError
            _check_whole(connection, now, request)
            _check_next(now, manifest)
            return self._change(
                connection,
                now,
                is_complete=1,
                is_damaged=0,
                total_chunks=request.chunk_count,
                total_size=request.total_size,
                additional_metadata=manifest,
                manifest_revision=now.manifest_revision + 1,
            )

        return await self._database.write(job)

    async def rename(self, member: Member, request: requests.ContentRename) -> replies.Changed:
        """Replace the manifest of a complete content by its next revision."""
        manifest = decode_bytes(request.manifest)

        def job(connection: Connection) -> Content:
            content = _existing(connection, member.session_id, request.content_id)
            if content.state == "uploading":
                raise ContentConflictError("A content can be renamed when it is complete.")
            if content.manifest == manifest:
                return content
            _check_next(content, manifest)
            return self._change(
                connection,
                content,
                additional_metadata=manifest,
                manifest_revision=content.manifest_revision + 1,
            )

        return await self._tell(await self._database.write(job))

    async def pin(self, member: Member, request: requests.ContentPin) -> replies.Changed:
        """Pin or unpin. Raises PinLimitError at the 51st."""

        def job(connection: Connection) -> Content:
            content = _existing(connection, member.session_id, request.content_id)
            if content.pinned == request.pinned:
                return content
            pinned = content_rows.count_pinned(connection, member.session_id)
            if request.pinned and pinned >= PINNED_MAX:
                raise PinLimitError
            return self._change(connection, content, pinned=int(request.pinned))

        return await self._tell(await self._database.write(job))

    async def remove(self, member: Member, content_id: str) -> replies.Changed:
        """Remove a content; bytes that no other content has leave the disk soon after.

        A removal asked again is answered as the first was. Raises ContentNotFoundError.
        """

        def job(connection: Connection) -> Removal | int:
            earlier = removal_rows.removed_at(connection, member.session_id, content_id)
            if earlier is not None:
                return earlier
            _existing(connection, member.session_id, content_id)
            return self._removals.remove(connection, member.session_id, [content_id], "removed")

        removal = await self._database.write(job, frees=True)
        if isinstance(removal, int):
            return replies.Changed(revision=removal)
        await self._removals.tell(removal)
        return replies.Changed(revision=removal.revision)

    async def clear(self, member: Member) -> replies.Changed:
        """Remove all contents of the session."""

        def job(connection: Connection) -> int:
            now = self._clock.now_ms()
            revision = session_rows.bump(connection, member.session_id, now, reset=True)
            removal_rows.clear_contents(connection, member.session_id, revision, now)
            return revision

        revision = await self._database.write(job, frees=True)
        await self._announce(
            member.session_id, ContentsCleared(revision=revision, reason="cleared")
        )
        self._collector.wake()
        return replies.Changed(revision=revision)

    def _change(self, connection: Connection, content: Content, **values: object) -> Content:
        revision = session_rows.bump(connection, content.session_id, self._clock.now_ms())
        return content_rows.change_content(
            connection, content.session_id, content.content_id, revision, **values
        )

    async def _tell(self, content: Content) -> replies.Changed:
        await self._announce(
            content.session_id,
            ContentChanged(revision=content.revision, content=view_content(content)),
        )
        return replies.Changed(revision=content.revision)


def _existing(connection: Connection, session_id: str, content_id: str) -> Content:
    content = content_rows.get_content(connection, session_id, content_id)
    if content is None:
        raise ContentNotFoundError
    return content


def _check_whole(
    connection: Connection, content: Content, request: requests.ContentComplete
) -> None:
    declared = (content.chunk_count, content.total_size)
    asked = (request.chunk_count, request.total_size)
    if content.total_size is not None and declared != asked:
        raise ContentConflictError(
            f"The content was shared as {content.chunk_count} chunks of {content.total_size} bytes "
            "in all, not what the request says."
        )
    blob = (content.session_id, content.blob_id)
    is_same = (content.stored_count, content.stored_bytes) == asked
    if is_same and chunk_rows.highest_index(connection, *blob) < request.chunk_count:
        return  # so none is missing: to look for gaps reads every row
    missing = chunk_rows.missing_ranges(connection, *blob, request.chunk_count)
    if missing:
        raise ChunksMissingError(
            missing=missing, missing_count=request.chunk_count - content.stored_count
        )
    raise ContentConflictError(
        f"The server holds {content.stored_count} chunks of {content.stored_bytes} bytes in all, "
        "not what the request says."
    )


def _check_next(content: Content, manifest: bytes) -> None:
    if manifest_revision(manifest) != content.manifest_revision + 1:
        raise RevisionConflictError
