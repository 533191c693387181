"""Sharing: the row of a new content, within what the session and the disk may hold."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sharethings.core.new_content import new_content
from sharethings.core.quota import check_session
from sharethings.core.views import view_content
from sharethings.protocol.announcements import ContentChanged
from sharethings.protocol.errors import (
    ContentConflictError,
    ContentNotFoundError,
    InvalidRequestError,
    LimitReachedError,
    StorageFullError,
    ThrottledError,
)
from sharethings.records import CONTENT_BYTES, Chunk, Content, Member
from sharethings.storage import (
    chunk_rows,
    content_rows,
    garbage_rows,
    removal_rows,
    retention_rows,
    session_rows,
)

if TYPE_CHECKING:
    from asyncio import Future
    from collections.abc import Coroutine

    from sharethings.config import Settings
    from sharethings.core.announce import Announce
    from sharethings.core.clock import Clock
    from sharethings.core.collector import Collector
    from sharethings.core.quota import Reservation
    from sharethings.core.removals import Removal, Removals
    from sharethings.core.space import Space
    from sharethings.protocol import requests
    from sharethings.storage.database import Connection, Database

RETRY_UPLOADS_SECONDS = 2


class Sharing:
    """How a content comes into a session."""

    def __init__(
        self,
        database: Database,
        space: Space,
        removals: Removals,
        collector: Collector,
        announce: Announce,
        settings: Settings,
        clock: Clock,
    ) -> None:
        """Take the parts that it works with."""
        self._database = database
        self._space = space
        self._removals = removals
        self._collector = collector
        self._announce = announce
        self._settings = settings
        self._clock = clock

    async def share(self, member: Member, request: requests.ContentShare) -> Content:
        """Make the row of a content and reserve its bytes, or go on with the one that exists.

        What is still being uploaded is from then on sent by who shares it again, and has its
        full time again: so an upload is taken up after a rejoin, and kept while it pauses.
        What is left of a removed blob of the same id is taken away before: it may be cut into
        other chunks. Raises ContentConflictError when the one that exists has other keys,
        ThrottledError, LimitReachedError, QuotaExceededError, StorageFullError, BusyError.
        """
        return await (await self.begin(member, request))

    async def begin(
        self, member: Member, request: requests.ContentShare
    ) -> Coroutine[Any, Any, Content]:
        """Take the place of a share among all that is written; gives what ends it, once.

        Shares that were begun one after the other are done, and told to the members, in this
        order, though none has waited for the one before. Only whose blob was removed just now
        comes after those that were begun meanwhile. Raises what a look at the request or the
        disk says, the coroutine the rest.
        """
        content = new_content(member, request, self._clock.now_ms())
        room_bytes = await self._room_bytes(content)
        reservation = self._space.reserving(member)

        def job(connection: Connection) -> tuple[Content | None, bool, Removal | None]:
            stored = content_rows.get_content(connection, member.session_id, content.content_id)
            if stored is not None:
                if stored.content_box != content.content_box:
                    raise ContentConflictError
                return *self._go_on(connection, stored, member), None
            place = (member.session_id, content.content_id)
            if removal_rows.removed_at(connection, *place) is not None:
                raise ContentNotFoundError("The content was removed; share it as a new one.")
            displaced = self._make_room(connection, member)
            if garbage_rows.of_blob(connection, member.session_id, content.blob_id):
                return None, False, displaced
            placed = self._insert(connection, content, member, room_bytes, reservation)
            return placed, True, displaced

        return self._end(member, request, reservation, self._database.order(job))

    async def _end(
        self,
        member: Member,
        request: requests.ContentShare,
        reservation: Reservation,
        ordered: Future[tuple[Content | None, bool, Removal | None]],
    ) -> Content:
        with reservation:
            stored, is_news, displaced = await ordered
        if displaced is not None:
            await self._removals.tell(displaced)
        if stored is None:  # its blob was removed just now
            await self._collector.clear(member.session_id, request.blob_id)
            return await self.share(member, request)
        if is_news:
            await self._announce(
                member.session_id,
                ContentChanged(revision=stored.revision, content=view_content(stored)),
            )
        return stored

    async def _room_bytes(self, content: Content) -> int:
        """Give what the disk has for new contents. Raises StorageFullError.

        What is there already is gone on with while chunks are taken: it needs nothing.
        """
        try:
            return await self._space.check_content()
        except StorageFullError:
            place = (content.session_id, content.content_id)
            if await self._database.read(lambda c: content_rows.get_content(c, *place)) is None:
                raise
            return 0

    def _go_on(
        self, connection: Connection, stored: Content, member: Member
    ) -> tuple[Content, bool]:
        """Let a member send what is not complete; say whether somebody else did before.

        Every member may, as every member may send its chunks and remove it. Not only when the
        sender is gone: who lost the connection comes back before the server has noticed.
        """
        if stored.state != "uploading":
            return stored, False
        now = self._clock.now_ms()
        is_taken = stored.sender != member.member_id
        revision = stored.revision
        if is_taken:
            self._check_unfinished(connection, member)
            revision = session_rows.bump(connection, member.session_id, now)
        taken = content_rows.change_content(
            connection,
            stored.session_id,
            stored.content_id,
            revision,
            sender=member.member_id,
            last_accessed=now,
        )
        return taken, is_taken

    def _insert(
        self,
        connection: Connection,
        content: Content,
        member: Member,
        room_bytes: int,
        reservation: Reservation,
    ) -> Content:
        other = content_rows.any_of_blob(connection, member.session_id, content.blob_id)
        if other is not None:
            content = _join_blob(content, other)
        promised = content.total_size or 0 if other is None else 0
        needed = promised + CONTENT_BYTES
        self._check_limits(connection, content, member, needed)
        self._space.check_room(
            needed,
            room_bytes=room_bytes,
            promised=content_rows.promised_bytes(connection),
        )
        reservation.take(needed)
        revision = session_rows.bump(
            connection,
            member.session_id,
            content.created_at,
            contents=1,
            reserved_bytes=promised,
        )
        placed = replace(content, position=revision, revision=revision)
        content_rows.insert_content(connection, placed)
        if placed.inline_chunk is not None:
            digest = hashlib.sha256(placed.inline_chunk).digest()
            chunk = Chunk(0, len(placed.inline_chunk), digest)
            chunk_rows.insert_chunks(connection, [(placed, chunk)], content.created_at)
        return placed

    def _make_room(self, connection: Connection, member: Member) -> Removal | None:
        """Let the oldest unpinned contents go where the session holds as many as it may.

        Raises LimitReachedError when it keeps them, or when all are pinned.
        """
        session = session_rows.the_session(connection, member.session_id)
        cap = self._settings.contents_count
        over = session.content_count + 1 - min(session.contents_max or cap, cap)
        if over <= 0:
            return None
        oldest: list[str] = []
        if session.drops_oldest:
            oldest = retention_rows.oldest_unpinned(connection, session.session_id, over)
        if len(oldest) < over:
            raise LimitReachedError(
                f"The session already holds {session.content_count} contents. Remove some first."
            )
        return self._removals.remove(connection, session.session_id, oldest, "displaced")

    def _check_limits(
        self, connection: Connection, content: Content, member: Member, needed_bytes: int
    ) -> None:
        session = session_rows.the_session(connection, member.session_id)
        if content.blob_id != content.content_id and not session.deduplicates:
            raise InvalidRequestError("blob_id: this session stores every content by itself.")
        check_session(
            needed_bytes,
            held_bytes=session.held_bytes,
            limit_bytes=self._settings.session_bytes,
        )
        if content.state == "uploading":
            self._check_unfinished(connection, member)

    def _check_unfinished(self, connection: Connection, member: Member) -> None:
        unfinished = content_rows.count_unfinished(connection, member.session_id, member.member_id)
        if unfinished >= self._settings.unfinished_uploads_count:
            raise ThrottledError(
                f"{unfinished} uploads are under way already. Complete one first.",
                retry_after_seconds=RETRY_UPLOADS_SECONDS,
            )


def _join_blob(content: Content, other: Content) -> Content:
    """Give a content what is stored of its blob already.

    Raises ContentConflictError unless it is cut like the `other` that refers to the blob: one
    whose chunk lives in its row, or whose size is not known yet, shares with nobody.
    """
    cut = (content.chunk_size, content.chunk_count, content.total_size)
    same = cut == (other.chunk_size, other.chunk_count, other.total_size)
    inline = content.inline_chunk is not None or other.inline_chunk is not None
    if not same or content.total_size is None or inline:
        raise ContentConflictError("The blob of this id is cut into other chunks.")
    return replace(content, stored_count=other.stored_count, stored_bytes=other.stored_bytes)
