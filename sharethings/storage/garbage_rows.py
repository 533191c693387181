"""Rows of `gc`: folders that must leave the disk, written with the removal itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from sharethings.storage.tables import garbage

if TYPE_CHECKING:
    from sharethings.storage.database import Connection


def list_garbage(connection: Connection, limit: int) -> list[tuple[int, str, str]]:
    """Give (id, session_id, blob_id), oldest first."""
    rows = connection.execute(
        select(garbage.c.id, garbage.c.session_id, garbage.c.blob_id)
        .order_by(garbage.c.id)
        .limit(limit)
    )
    return [(row.id, row.session_id, row.blob_id) for row in rows]


def take_garbage(connection: Connection, number: int) -> bool:
    """Delete a note; say whether it still stood."""
    result = connection.execute(delete(garbage).where(garbage.c.id == number))
    return result.rowcount == 1


def keep_blob(connection: Connection, session_id: str, blob_id: str) -> None:
    """Delete the notes about a blob that a content refers to again: its folder stays."""
    connection.execute(
        delete(garbage).where((garbage.c.session_id == session_id) & (garbage.c.blob_id == blob_id))
    )
