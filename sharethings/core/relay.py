"""The relay: members follow a content while it is being uploaded.

What a follower is given are the stored chunks, in order, from their files: a commit only wakes
it. So nothing is queued for anybody, who is slow reads what is on the disk at their own pace, and
who comes late is not told apart from who was there from the beginning.
"""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sharethings.storage import chunk_rows, content_rows

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator
    from pathlib import Path

    from sharethings.core.contents import Contents
    from sharethings.core.damage import Damage
    from sharethings.core.ports import ChunkStore
    from sharethings.records import Chunk, Content, Member, Tally
    from sharethings.storage.database import Connection, Database

CHUNKS_PER_LOOK = 16
"""Rows that are looked up at a time for who is behind."""


class Relay:
    """Who follows what; `wake` when a chunk of it was stored."""

    def __init__(
        self, database: Database, files: ChunkStore, contents: Contents, damage: Damage
    ) -> None:
        """Take the parts that it works with."""
        self._database = database
        self._files = files
        self._contents = contents
        self._damage = damage
        self._events: dict[tuple[str, str], set[asyncio.Event]] = {}
        self._is_closed = False

    def wake(self, content: Content | Tally) -> None:
        """Let those who follow a content's blob look again."""
        for event in self._events.get((content.session_id, content.blob_id), ()):
            event.set()

    def close(self) -> None:
        """Let all who follow something end."""
        self._is_closed = True
        for events in self._events.values():
            for event in events:
                event.set()

    @contextmanager
    def _listening(self, content: Content) -> Iterator[asyncio.Event]:
        blob, event = (content.session_id, content.blob_id), asyncio.Event()
        self._events.setdefault(blob, set()).add(event)
        try:
            yield event
        finally:
            self._events[blob].discard(event)
            if not self._events[blob]:
                del self._events[blob]

    async def follow(
        self, member: Member, content_id: str, first: int, quiet_seconds: float
    ) -> AsyncGenerator[tuple[Chunk, Path | bytes] | None, None]:
        """Give the chunks from index `first` on, each as soon as it and all before are stored.

        None at once, and when nothing came for `quiet_seconds`. Ends behind the last chunk, or
        when the content is gone or a chunk of it damaged. Raises ContentNotFoundError.
        """
        content = self._contents.get(member, content_id)

        def look(connection: Connection) -> tuple[Content | None, list[Chunk]]:
            now = content_rows.get_content(connection, content.session_id, content_id)
            place = (content.session_id, content.blob_id, first)
            return now, chunk_rows.chunks_from(connection, place, CHUNKS_PER_LOOK)

        with self._listening(content) as stored:
            yield None
            while not self._is_closed:
                stored.clear()
                now, chunks = await self._database.read(look)
                if now is None or first >= (now.chunk_count or first + 1):
                    return
                for chunk in chunks:
                    if not await self._damage.has_size(now, chunk):
                        return
                    yield chunk, now.inline_chunk or self._files.open(now, chunk.chunk_index)
                    first += 1
                if not chunks:
                    try:
                        async with asyncio.timeout(quiet_seconds):
                            await stored.wait()
                    except TimeoutError:
                        yield None
