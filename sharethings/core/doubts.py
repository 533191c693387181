"""Doubts: blobs of unfinished contents whose bytes a fall of the machine may have torn.

No completion has brought them onto the disk, but rows say that they are stored. Their digests
are read when the server is ready already, and none of their contents is complete before; a
chunk that was torn is a damaged one (damage.py), which means that it is missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from sharethings.protocol.errors import BusyError
from sharethings.storage import chunk_rows, content_rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from sharethings.core.damage import Damage
    from sharethings.records import Chunk, Content
    from sharethings.storage.database import Connection, Database

ROUND_SECONDS = 1.0
RETRY_SECONDS = 5
log = structlog.get_logger(__name__)


class Doubts:
    """Looks at the `blobs` (session_id, blob_id), each once, and takes them out of the set."""

    def __init__(
        self,
        database: Database,
        damage: Damage,
        blobs: set[tuple[str, str]],
        on_settled: Callable[[], None],
    ) -> None:
        """Take the parts that it works with, and what is told when nothing is in doubt."""
        self._database = database
        self._damage = damage
        self._blobs = blobs
        self._on_settled = on_settled

    def check(self, content: Content) -> None:
        """Raise BusyError while a content's blob is in doubt."""
        if (content.session_id, content.blob_id) in self._blobs:
            raise BusyError(
                "The server checks what it stored before the machine went down.",
                retry_after_seconds=RETRY_SECONDS,
            )

    async def settle(self) -> None:
        """Look at all that is in doubt. Raises what the database and `Damage.is_whole` raise."""
        if not self._blobs:
            return
        for session_id, blob_id in sorted(self._blobs):
            index = -1
            while found := await self._next(session_id, blob_id, index):
                content, chunk = found
                index = chunk.chunk_index
                await self._damage.is_whole(content, chunk)
            self._blobs.discard((session_id, blob_id))
        self._on_settled()
        log.info("doubts_settled")

    async def _next(
        self, session_id: str, blob_id: str, after: int
    ) -> tuple[Content, Chunk] | None:
        """Give the next chunk of a blob; None behind the last, or when the blob is gone."""

        def look(connection: Connection) -> tuple[Content, Chunk] | None:
            content = content_rows.any_of_blob(connection, session_id, blob_id)
            chunk = chunk_rows.next_of_blob(connection, session_id, blob_id, after)
            return None if content is None or chunk is None else (content, chunk)

        return await self._database.read(look)
