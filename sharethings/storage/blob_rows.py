"""Blobs: the chunks that one or several contents of a session refer to (protocol.md 8).

A blob has no row of its own: contents name it, chunk rows carry its id. It lives as long as one
content refers to it, and its bytes are promised and released once. What is stored of it is
counted in every content: `stored_count` and `stored_bytes` are its chunks that can be read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from sharethings.storage import chunk_rows, garbage_rows, session_rows
from sharethings.storage.tables import chunks, contents

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sharethings.records import Content
    from sharethings.storage.database import Connection


def release(
    connection: Connection, session_id: str, removed: dict[str, int | None], now: int
) -> int:
    """Let go of the blobs of contents of a session whose rows were just deleted.

    `removed` are their sizes in bytes as declared, by blob_id. Those that no other content
    refers to are noted as garbage: their chunk rows and files go piece by piece
    (core/collector.py). Gives the bytes that were reserved for them.
    """
    kept = connection.execute(
        select(contents.c.blob_id).where(
            (contents.c.session_id == session_id) & contents.c.blob_id.in_(list(removed))
        )
    )
    shared = set(kept.scalars())
    sizes = {one: size for one, size in removed.items() if one not in shared}
    if not sizes:
        return 0
    garbage_rows.note(connection, session_id, sizes, now)
    streams = [one for one, size in sizes.items() if size is None]
    of_streams = (chunks.c.session_id == session_id) & chunks.c.content_id.in_(streams)
    held = connection.execute(select(func.coalesce(func.sum(chunks.c.size), 0)).where(of_streams))
    stored_bytes: int = held.scalar_one()
    return stored_bytes + sum(size or 0 for size in sizes.values())


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
