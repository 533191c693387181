"""Rows of `content_metadata`: contents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, Select, bindparam, func, insert, literal_column, select, update

from sharethings.records import Content, ContentState, Tally
from sharethings.storage.prepared import Prepared, RowSet, json_text
from sharethings.storage.tables import SEALED_CONTENT_TYPE, contents

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sharethings.storage.database import Connection

MANIFEST_NONCE = slice(8, 20)
"""Where the nonce stands in a sealed manifest (protocol.md 6)."""


def to_content(row: Row[Any]) -> Content:
    """Read a row of the table."""
    state: ContentState = "complete" if row.is_complete else "uploading"
    if row.is_damaged:
        state = "damaged"
    return Content(
        session_id=row.session_id,
        content_id=row.content_id,
        blob_id=row.blob_id,
        position=row.position,
        revision=row.revision,
        manifest_revision=row.manifest_revision,
        state=state,
        pinned=bool(row.pinned),
        chunk_size=row.chunk_size,
        chunk_count=row.total_chunks,
        total_size=row.total_size,
        stored_count=row.stored_count,
        stored_bytes=row.stored_bytes,
        created_at=row.created_at,
        content_box=row.content_box,
        manifest=row.additional_metadata,
        sender=row.sender,
        inline_chunk=row.inline_chunk,
        expires_at=row.expires_at,
    )


def _is(session_id: Any, content_id: Any) -> Any:  # noqa: ANN401 - clauses of SQLAlchemy
    return (contents.c.session_id == session_id) & (contents.c.content_id == content_id)


def _tallies() -> Select[Any]:
    keys = func.json_each(bindparam("blobs")).table_valued("value")
    session_id, blob_id = (func.json_extract(keys.c.value, f"$[{n}]") for n in range(2))
    return select(
        contents.c.session_id,
        contents.c.content_id,
        contents.c.blob_id,
        contents.c.total_chunks,
        contents.c.total_size,
        contents.c.stored_count,
        contents.c.stored_bytes,
    ).join_from(
        keys, contents, (contents.c.session_id == session_id) & (contents.c.blob_id == blob_id)
    )


def _promised() -> Select[Any]:
    blobs = (
        select(func.max(contents.c.total_size - contents.c.stored_bytes).label("size"))
        .where(contents.c.is_complete == literal_column("0"))  # as the index says it
        # "+": or SQLite would walk the index of all blobs, to have the groups in order
        .group_by(literal_column("+session_id"), literal_column("+blob_id"))
        .subquery()
    )
    return select(func.coalesce(func.sum(blobs.c.size), 0))


_TALLIES = Prepared(_tallies())
_GET = Prepared(select(contents).where(_is(bindparam("session"), bindparam("content"))))
_ANY_OF_BLOB = Prepared(
    select(contents)
    .where(
        (contents.c.session_id == bindparam("session")) & (contents.c.blob_id == bindparam("blob"))
    )
    .limit(literal_column("1"))
)
_INSERT = Prepared(insert(contents), *contents.c.keys())
_PROMISED = Prepared(_promised())
_COUNT_STORED = RowSet(
    update(contents)
    .where(_is(bindparam("session"), bindparam("content")))
    .values(
        stored_count=bindparam("count"),
        stored_bytes=bindparam("bytes"),
        last_accessed=bindparam("now"),
    ),
    *("now", "count", "bytes", "session", "content"),
)
"""Made once: to put a statement together costs more than to run it."""


def get_content(connection: Connection, session_id: str, content_id: str) -> Content | None:
    """Give one content's row."""
    row = _GET.one(connection, session=session_id, content=content_id)
    return None if row is None else to_content(row)


def any_of_blob(connection: Connection, session_id: str, blob_id: str) -> Content | None:
    """Give one of the contents that refer to a blob; all of them have the same bytes."""
    row = _ANY_OF_BLOB.one(connection, session=session_id, blob=blob_id)
    return None if row is None else to_content(row)


def tallies(
    connection: Connection, blobs: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], list[Tally]]:
    """Count the contents that refer to blobs, each by its session_id and blob_id."""
    rows = _TALLIES.all(connection, blobs=json_text(blobs))
    found: dict[tuple[str, str], list[Tally]] = {}
    for tally in map(Tally._make, rows):
        found.setdefault((tally.session_id, tally.blob_id), []).append(tally)
    return found


def count_stored(connection: Connection, counted: Iterable[Tally], now: int) -> None:
    """Write what is stored of contents (one at least), which is also when they were used last."""
    rows = [
        (now, one.stored_count, one.stored_bytes, one.session_id, one.content_id) for one in counted
    ]
    _COUNT_STORED.write(connection, rows)


def count_less(
    connection: Connection, blob: tuple[str, str], count: int, size_bytes: int, now: int
) -> None:
    """Count chunks that are not stored any more in all contents of a blob: they are cut alike."""
    connection.execute(
        update(contents)
        .where((contents.c.session_id == blob[0]) & (contents.c.blob_id == blob[1]))
        .values(
            stored_count=contents.c.stored_count - count,
            stored_bytes=contents.c.stored_bytes - size_bytes,
            last_accessed=now,
        )
    )


def insert_content(connection: Connection, content: Content) -> None:
    """Insert a row; `content.state` says whether it is complete at once."""
    _INSERT.all(
        connection,
        session_id=content.session_id,
        content_id=content.content_id,
        blob_id=content.blob_id,
        content_type=SEALED_CONTENT_TYPE,
        total_chunks=content.chunk_count,
        total_size=content.total_size,
        created_at=content.created_at,
        last_accessed=content.created_at,
        encryption_iv=content.manifest[MANIFEST_NONCE],
        additional_metadata=content.manifest,
        is_complete=int(content.state == "complete"),
        is_damaged=0,
        pinned=int(content.pinned),
        position=content.position,
        revision=content.revision,
        manifest_revision=content.manifest_revision,
        chunk_size=content.chunk_size,
        stored_count=content.stored_count,
        stored_bytes=content.stored_bytes,
        content_box=content.content_box,
        sender=content.sender,
        inline_chunk=content.inline_chunk,
        expires_at=content.expires_at,
    )


def change_content(
    connection: Connection, session_id: str, content_id: str, revision: int, **values: object
) -> Content:
    """Set columns of a content and its revision; gives the row as it is now."""
    if "additional_metadata" in values:
        manifest = values["additional_metadata"]
        assert isinstance(manifest, bytes)  # noqa: S101 - for the type checker
        values["encryption_iv"] = manifest[MANIFEST_NONCE]
    row = connection.execute(
        update(contents)
        .where(_is(session_id, content_id))
        .values(revision=revision, **values)
        .returning(*contents.c)
    ).one()
    return to_content(row)


def count_pinned(connection: Connection, session_id: str) -> int:
    """Count the pinned contents of a session."""
    return _count(connection, (contents.c.session_id == session_id) & contents.c.pinned)


def count_unfinished(connection: Connection, session_id: str, sender: str) -> int:
    """Count what a member has shared and not completed."""
    return _count(
        connection,
        (contents.c.session_id == session_id)
        & (contents.c.is_complete == literal_column("0"))  # as the index says it
        & (contents.c.sender == sender),
    )


def _count(connection: Connection, clause: Any) -> int:  # noqa: ANN401
    found = connection.execute(select(func.count()).select_from(contents).where(clause))
    count: int = found.scalar_one()
    return count


def promised_bytes(connection: Connection) -> int:
    """Sum what unfinished contents of known size will still send, each blob once."""
    size: int = _PROMISED.one(connection)[0]
    return size


def unfinished(connection: Connection) -> list[Content]:
    """Give all contents that are not complete, of all sessions."""
    rows = connection.execute(select(contents).where(contents.c.is_complete == 0))
    return [to_content(row) for row in rows]
