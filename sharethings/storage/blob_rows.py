"""Blobs: the chunks that one or several contents of a session refer to (protocol.md 8).

A blob has no row of its own: contents name it, chunk rows carry its id. It lives as long as one
content refers to it, and its bytes are promised and released once. What is stored of it is
counted in every content: `stored_count` and `stored_bytes` are its chunks that can be read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, select

from sharethings.storage import chunk_rows, session_rows
from sharethings.storage.tables import chunks, contents, garbage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Row

    from sharethings.records import Content
    from sharethings.storage.database import Connection


def release(connection: Connection, session_id: str, removed: Sequence[Row[Any]], now: int) -> int:
    """Let go of the blobs of contents (one at least) of a session whose rows were just deleted.

    Those that no other content refers to lose their chunk rows, and their files are noted as
    garbage. Gives the bytes that were reserved for them. Each row has blob_id, total_size, and
    has_files: an inline chunk has none.
    """
    blobs = {content.blob_id: content for content in removed}
    kept = connection.execute(
        select(contents.c.blob_id).where(
            (contents.c.session_id == session_id) & contents.c.blob_id.in_(list(blobs))
        )
    )
    for blob_id in kept.scalars():
        blobs.pop(blob_id, None)
    mine = (chunks.c.session_id == session_id) & chunks.c.content_id.in_(list(blobs))
    sums = connection.execute(
        select(chunks.c.content_id, func.sum(chunks.c.size).label("size"))
        .where(mine)
        .group_by(chunks.c.content_id)
    )
    stored = {row.content_id: row.size for row in sums}
    connection.execute(delete(chunks).where(mine))
    notes = [
        {"session_id": session_id, "blob_id": blob_id, "created_at": now}
        for blob_id, content in blobs.items()
        if content.has_files
    ]
    if notes:
        connection.execute(insert(garbage), notes)
    return sum(
        stored.get(blob_id, 0) if content.total_size is None else content.total_size
        for blob_id, content in blobs.items()
    )


def forget_chunks(
    connection: Connection, content: Content, indexes: Sequence[int], now: int
) -> None:
    """Forget chunks whose bytes the disk has lost: whoever sends the content is asked again.

    When another content of the blob is complete they are damaged instead.
    """
    finished = connection.execute(
        select(contents.c.content_id).where(
            (contents.c.session_id == content.session_id)
            & (contents.c.blob_id == content.blob_id)
            & (contents.c.is_complete == 1)
        )
    )
    is_finished = finished.first() is not None
    for index in indexes:
        place = (content.session_id, content.blob_id, index)
        chunk = chunk_rows.get_chunk(connection, *place)
        if chunk is None or chunk.is_damaged:
            continue
        chunk_rows.count_chunk(connection, content, chunk, now, stored=False)
        if is_finished:
            chunk_rows.mark_chunk(connection, content, index, is_damaged=True)
        else:
            chunk_rows.delete_chunk(connection, *place)
            held = chunk.size if content.total_size is None else 0
            session_rows.reserve(connection, content.session_id, -held)


def forget_orphans(connection: Connection, session_id: str, blob_id: str, now: int) -> None:
    """Delete the chunk rows of a blob that no content refers to; its files become garbage."""
    place = {"session_id": session_id, "blob_id": blob_id}
    connection.execute(
        delete(chunks).where((chunks.c.session_id == session_id) & (chunks.c.content_id == blob_id))
    )
    connection.execute(insert(garbage).values(**place, created_at=now))
