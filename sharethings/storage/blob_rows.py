"""Blobs: the chunks that one or several contents of a session refer to (protocol.md 8).

A blob has no row of its own: contents name it, chunk rows carry its id. It lives as long as one
content refers to it, and its bytes are promised and released once. What is stored of it is
counted in every content: `stored_count` and `stored_bytes` are its chunks that can be read. It
holds as many bytes of its session as were declared, or as a stream what can be read of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from sharethings.storage import chunk_rows, content_rows, garbage_rows, session_rows
from sharethings.storage.tables import contents

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sharethings.records import Chunk, Content
    from sharethings.storage.database import Connection


def release(connection: Connection, session_id: str, removed: dict[str, int], now: int) -> int:
    """Let go of the blobs of contents of a session whose rows were just deleted.

    `removed` are the bytes that each blob holds. Those that no other content refers to are noted
    as garbage: their chunk rows and files go piece by piece (core/collector.py). Gives the bytes
    that are not held any more.
    """
    kept = connection.execute(
        select(contents.c.blob_id).where(
            (contents.c.session_id == session_id) & contents.c.blob_id.in_(list(removed))
        )
    )
    left = removed.keys() - set(kept.scalars())
    if left:
        garbage_rows.note(connection, session_id, sorted(left), now)
    return sum(removed[blob_id] for blob_id in left)


def count_chunk(
    connection: Connection, blob: Content, chunk: Chunk, now: int, *, stored: bool
) -> list[Content]:
    """Count a chunk that can be read again, or with `stored` False cannot be any more.

    Of a stream the session then holds so much more or less. Gives the contents of the blob as
    they are then.
    """
    counted = chunk_rows.count_chunk(connection, blob, chunk, now, stored=stored)
    if any(content.total_size is None for content in counted):
        session_rows.reserve(connection, blob.session_id, chunk.size if stored else -chunk.size)
    return counted


def unsynced(connection: Connection, session_id: str, blob_id: str) -> list[int]:
    """Give the indexes of a blob's chunks that may not be on the disk yet.

    None when a content of the blob is complete: they were synced for that one, and whoever heals
    it syncs what is new. To sync them again could only lose them, should the disk refuse.
    """
    complete = (
        (contents.c.session_id == session_id)
        & (contents.c.blob_id == blob_id)
        & (contents.c.is_complete == 1)
    )
    if connection.execute(select(contents.c.content_id).where(complete).limit(1)).first():
        return []
    return chunk_rows.stored_indexes(connection, session_id, blob_id)


def forget_chunks(
    connection: Connection, content: Content, indexes: Sequence[int], now: int
) -> None:
    """Forget chunks whose bytes the disk has lost: whoever sends the content is asked again.

    None of the blob's contents is complete (`unsynced`).
    """
    sizes = chunk_rows.delete_chunks(connection, content.session_id, content.blob_id, indexes)
    content_rows.count_less(
        connection, (content.session_id, content.blob_id), len(sizes), sum(sizes), now
    )
    if content.total_size is None:
        session_rows.reserve(connection, content.session_id, -sum(sizes))
