"""Rows of `chunk_metadata`: which chunks are stored, and with which digest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Select,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal,
    select,
    tuple_,
    update,
)

from sharethings.protocol.limits import MISSING_RANGES_MAX
from sharethings.records import Chunk, Content
from sharethings.storage.content_rows import to_content
from sharethings.storage.prepared import Prepared, RowSet, json_text
from sharethings.storage.tables import chunks, contents

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sharethings.storage.database import Connection

Place = tuple[str, str, int]
"""A chunk among all: session_id, blob_id, chunk_index; ordered as the table is."""


def _find() -> Select[Any]:
    keys = func.json_each(bindparam("places")).table_valued("value")
    session_id, blob_id, index = (func.json_extract(keys.c.value, f"$[{n}]") for n in range(3))
    return select(chunks).join_from(
        keys,
        chunks,
        (chunks.c.session_id == session_id)
        & (chunks.c.content_id == blob_id)
        & (chunks.c.chunk_index == index),
    )


_FIND = Prepared(_find())
_GET = select(chunks.c.size, chunks.c.sha256, chunks.c.is_damaged).where(
    (chunks.c.session_id == bindparam("session"))
    & (chunks.c.content_id == bindparam("blob"))
    & (chunks.c.chunk_index == bindparam("index"))
)
_INSERT = RowSet(
    insert(chunks), "content_id", "chunk_index", "size", "created_at", "session_id", "sha256"
)
"""Made once: to put a statement together costs more than to run it."""


def _of(session_id: str, blob_id: str) -> Any:  # noqa: ANN401 - a clause of SQLAlchemy
    return (chunks.c.session_id == session_id) & (chunks.c.content_id == blob_id)


def get_chunk(
    connection: Connection, session_id: str, blob_id: str, chunk_index: int
) -> Chunk | None:
    """Give one chunk's row."""
    place = {"session": session_id, "blob": blob_id, "index": chunk_index}
    row = connection.execute(_GET, place).one_or_none()
    return None if row is None else Chunk(chunk_index, row.size, row.sha256, bool(row.is_damaged))


def get_chunks(connection: Connection, places: Iterable[Place]) -> dict[Place, Chunk]:
    """Give the rows of those chunks that have one; one look for all."""
    rows = _FIND.all(connection, places=json_text(places))
    return {
        (row.session_id, row.content_id, row.chunk_index): Chunk(
            row.chunk_index, row.size, row.sha256, bool(row.is_damaged)
        )
        for row in rows
    }


def insert_chunks(
    connection: Connection, stored: Iterable[tuple[Content, Chunk]], now: int
) -> None:
    """Insert rows of chunks (one at least)."""
    rows = [
        (one.blob_id, chunk.chunk_index, chunk.size, now, one.session_id, chunk.digest)
        for one, chunk in stored
    ]
    _INSERT.write(connection, rows)


def delete_chunks(
    connection: Connection, session_id: str, blob_id: str, indexes: Sequence[int]
) -> list[int]:
    """Delete the rows of chunks that could be read; gives the sizes of those there were."""
    chosen = func.json_each(json_text(indexes)).table_valued("value")
    deleted = connection.execute(
        delete(chunks)
        .where(
            _of(session_id, blob_id)
            & (chunks.c.is_damaged == 0)
            & chunks.c.chunk_index.in_(select(chosen.c.value))
        )
        .returning(chunks.c.size)
    )
    return list(deleted.scalars())


def count_chunk(
    connection: Connection, blob: Content, chunk: Chunk, now: int, *, stored: bool
) -> list[Content]:
    """Count a chunk that can be read now, or with `stored` False cannot be any more.

    It counts in every content of the blob that has a chunk of this index; gives them as they
    are then.
    """
    sign = 1 if stored else -1
    rows = connection.execute(
        update(contents)
        .where(
            (contents.c.session_id == blob.session_id)
            & (contents.c.blob_id == blob.blob_id)
            & (contents.c.total_chunks.is_(None) | (contents.c.total_chunks > chunk.chunk_index))
        )
        .values(
            stored_count=contents.c.stored_count + sign,
            stored_bytes=contents.c.stored_bytes + sign * chunk.size,
            last_accessed=now,
        )
        .returning(*contents.c)
    )
    return [to_content(row) for row in rows]


def mark_chunk(
    connection: Connection, blob: Content, chunk_index: int, *, is_damaged: bool
) -> None:
    """Say whether the stored bytes of a chunk are lost or others."""
    connection.execute(
        update(chunks)
        .where(_of(blob.session_id, blob.blob_id) & (chunks.c.chunk_index == chunk_index))
        .values(is_damaged=int(is_damaged))
    )


def missing_ranges(
    connection: Connection, session_id: str, blob_id: str, chunk_count: int | None
) -> list[tuple[int, int]]:
    """Give the gaps in the stored indexes as inclusive pairs, at most MISSING_RANGES_MAX.

    A damaged chunk is missing. With `chunk_count`, what is missing at the end is the last pair.
    """
    mine = _of(session_id, blob_id) & (chunks.c.is_damaged == 0)
    index = chunks.c.chunk_index
    pairs = (
        select(index.label("index"), func.lag(index, 1, -1).over(order_by=index).label("previous"))
        .where(mine)
        .subquery()
    )
    rows = connection.execute(
        select(pairs.c.previous + 1, pairs.c.index - 1)
        .where(pairs.c.index > pairs.c.previous + 1)
        .order_by(pairs.c.index)
        .limit(MISSING_RANGES_MAX)
    )
    found = [(first, last) for first, last in rows]
    if chunk_count is not None and len(found) < MISSING_RANGES_MAX:
        after = highest_index(connection, session_id, blob_id) + 1
        if after < chunk_count:
            found.append((after, chunk_count - 1))
    return found


def highest_index(connection: Connection, session_id: str, blob_id: str) -> int:
    """Give the highest index of a blob's chunks that can be read; -1 when there is none."""
    found = connection.execute(
        select(chunks.c.chunk_index)
        .where(_of(session_id, blob_id) & (chunks.c.is_damaged == 0))
        .order_by(chunks.c.chunk_index.desc())
        .limit(1)
    ).scalar()
    return -1 if found is None else found


def stored_indexes(connection: Connection, session_id: str, blob_id: str) -> list[int]:
    """Give the indexes of a blob's chunks that can be read, in order."""
    rows = connection.execute(
        select(chunks.c.chunk_index)
        .where(_of(session_id, blob_id) & (chunks.c.is_damaged == 0))
        .order_by(chunks.c.chunk_index)
    )
    return list(rows.scalars())


def stored_digests(
    connection: Connection, session_id: str, blob_id: str, first: int, limit: int
) -> list[tuple[int, bytes]]:
    """Give index and digest of a blob's chunks that can be read, in order, from `first` on."""
    rows = connection.execute(
        select(chunks.c.chunk_index, chunks.c.sha256)
        .where(
            _of(session_id, blob_id) & (chunks.c.is_damaged == 0) & (chunks.c.chunk_index >= first)
        )
        .order_by(chunks.c.chunk_index)
        .limit(limit)
    )
    return [(index, digest) for index, digest in rows]


def next_of_blob(connection: Connection, session_id: str, blob_id: str, after: int) -> Chunk | None:
    """Give the first chunk of a blob behind an index that can be read."""
    row = connection.execute(
        select(chunks)
        .where(
            _of(session_id, blob_id) & (chunks.c.is_damaged == 0) & (chunks.c.chunk_index > after)
        )
        .order_by(chunks.c.chunk_index)
        .limit(1)
    ).one_or_none()
    return None if row is None else Chunk(row.chunk_index, row.size, row.sha256)


def next_complete(connection: Connection, after: Place) -> tuple[Place, Chunk] | None:
    """Give the first chunk behind a place that is not damaged and part of a complete content."""
    key = tuple_(chunks.c.session_id, chunks.c.content_id, chunks.c.chunk_index)
    is_complete = exists().where(
        (contents.c.session_id == chunks.c.session_id)
        & (contents.c.blob_id == chunks.c.content_id)
        & (contents.c.is_complete == 1)
    )
    row = connection.execute(
        select(chunks)
        .where((key > tuple_(*map(literal, after))) & (chunks.c.is_damaged == 0) & is_complete)
        .order_by(chunks.c.session_id, chunks.c.content_id, chunks.c.chunk_index)
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    place = (row.session_id, row.content_id, row.chunk_index)
    return place, Chunk(row.chunk_index, row.size, row.sha256)
