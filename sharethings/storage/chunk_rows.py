"""Rows of `chunk_metadata`: which chunks are stored, and with which digest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select, update

from sharethings.protocol.limits import MISSING_RANGES_MAX
from sharethings.records import Chunk, Content
from sharethings.storage.tables import chunks, contents

if TYPE_CHECKING:
    from sharethings.storage.database import Connection


async def get_chunk(
    connection: Connection, session_id: str, blob_id: str, chunk_index: int
) -> Chunk | None:
    """Give one chunk's row."""
    row = (
        await connection.execute(
            select(chunks.c.size, chunks.c.sha256).where(
                (chunks.c.session_id == session_id)
                & (chunks.c.content_id == blob_id)
                & (chunks.c.chunk_index == chunk_index)
            )
        )
    ).one_or_none()
    return None if row is None else Chunk(chunk_index, row.size, row.sha256)


async def insert_chunk(connection: Connection, content: Content, chunk: Chunk, now: int) -> None:
    """Insert a chunk's row."""
    await connection.execute(
        insert(chunks).values(
            session_id=content.session_id,
            content_id=content.blob_id,
            chunk_index=chunk.chunk_index,
            size=chunk.size,
            sha256=chunk.digest,
            created_at=now,
        )
    )


async def count_chunk(
    connection: Connection, content: Content, size_bytes: int
) -> tuple[int, int] | None:
    """Count one more stored chunk of an unfinished content.

    Gives (chunks, bytes) stored now; None when the content is gone or complete.
    """
    row = (
        await connection.execute(
            update(contents)
            .where(
                (contents.c.session_id == content.session_id)
                & (contents.c.content_id == content.content_id)
                & (contents.c.is_complete == 0)
            )
            .values(
                stored_count=contents.c.stored_count + 1,
                stored_bytes=contents.c.stored_bytes + size_bytes,
            )
            .returning(contents.c.stored_count, contents.c.stored_bytes)
        )
    ).one_or_none()
    return None if row is None else (row.stored_count, row.stored_bytes)


async def missing_ranges(
    connection: Connection, session_id: str, blob_id: str, chunk_count: int | None
) -> list[tuple[int, int]]:
    """Give the gaps in the stored indexes as inclusive pairs, at most MISSING_RANGES_MAX.

    With `chunk_count`, what is missing at the end is the last pair.
    """
    mine = (chunks.c.session_id == session_id) & (chunks.c.content_id == blob_id)
    index = chunks.c.chunk_index
    pairs = (
        select(index.label("index"), func.lag(index, 1, -1).over(order_by=index).label("previous"))
        .where(mine)
        .subquery()
    )
    rows = await connection.execute(
        select(pairs.c.previous + 1, pairs.c.index - 1)
        .where(pairs.c.index > pairs.c.previous + 1)
        .order_by(pairs.c.index)
        .limit(MISSING_RANGES_MAX)
    )
    found = [(first, last) for first, last in rows]
    if chunk_count is not None and len(found) < MISSING_RANGES_MAX:
        highest = (await connection.execute(select(func.max(index)).where(mine))).scalar()
        after = 0 if highest is None else highest + 1
        if after < chunk_count:
            found.append((after, chunk_count - 1))
    return found


async def stored_indexes(connection: Connection, session_id: str, blob_id: str) -> list[int]:
    """Give all stored indexes of a blob in order."""
    rows = await connection.execute(
        select(chunks.c.chunk_index)
        .where((chunks.c.session_id == session_id) & (chunks.c.content_id == blob_id))
        .order_by(chunks.c.chunk_index)
    )
    return list(rows.scalars())
