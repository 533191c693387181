"""Rows of `gc`: blobs that no content refers to, whose chunk rows and folder are still to go.

A note is written with the removal itself. While it stands no content refers to the blob: who
shares it again has what is left of it taken away first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, exists, func, insert, select, tuple_

from sharethings.storage.prepared import Prepared, json_text
from sharethings.storage.tables import chunks, garbage

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sharethings.storage.database import Connection

_NOTES = func.json_each(bindparam("notes")).table_valued("value")
_NOTED = garbage.c.id.in_(select(_NOTES.c.value))
_OF_NOTE = (chunks.c.session_id == garbage.c.session_id) & (
    chunks.c.content_id == garbage.c.blob_id
)
_DELETE = delete(chunks).where(
    tuple_(*chunks.primary_key.columns).in_(
        select(*chunks.primary_key.columns)
        .join_from(garbage, chunks, _OF_NOTE)
        .where(_NOTED)
        .limit(bindparam("limit"))
    )
)
_OF_BLOB = Prepared(
    select(garbage.c.id).where(
        (garbage.c.session_id == bindparam("session")) & (garbage.c.blob_id == bindparam("blob"))
    )
)
_FORGET = (
    delete(garbage)
    .where(_NOTED & ~exists().where(_OF_NOTE))
    .returning(garbage.c.session_id, garbage.c.blob_id)
)
"""Made once: to put a statement together costs more than to run it."""


def note(connection: Connection, session_id: str, blob_ids: Iterable[str], now: int) -> None:
    """Note blobs (one at least) that must leave."""
    rows = [{"session_id": session_id, "blob_id": one, "created_at": now} for one in blob_ids]
    connection.execute(insert(garbage), rows)


def oldest(connection: Connection, limit: int) -> list[int]:
    """Give the notes that were written first."""
    found = connection.execute(select(garbage.c.id).order_by(garbage.c.id).limit(limit))
    return list(found.scalars())


def of_blob(connection: Connection, session_id: str, blob_id: str) -> list[int]:
    """Give the notes about a blob; none unless something of it may be left."""
    return [note for (note,) in _OF_BLOB.all(connection, session=session_id, blob=blob_id)]


def take(connection: Connection, notes: Sequence[int], limit: int) -> list[tuple[str, str]]:
    """Delete at most `limit` chunk rows of noted blobs; some notes in one go.

    Gives (session_id, blob_id) of those that have none left, and forgets their notes: it is for
    the caller to take their folders away in the same job.
    """
    named = json_text(notes)
    connection.execute(_DELETE, {"notes": named, "limit": limit})
    return [(row.session_id, row.blob_id) for row in connection.execute(_FORGET, {"notes": named})]
