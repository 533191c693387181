"""The row of `instance`: what this server is, and how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update
from sqlalchemy.dialects.sqlite import insert

from sharethings.storage.tables import instance

if TYPE_CHECKING:
    from sharethings.storage.database import Connection


def realm(connection: Connection, fresh: bytes, now: int) -> bytes:
    """Give the 16 bytes that name this server; `fresh` becomes them at the first call."""
    connection.execute(
        insert(instance).values(id=1, realm=fresh, created_at=now).on_conflict_do_nothing()
    )
    stored: bytes = connection.execute(select(instance.c.realm)).scalar_one()
    return stored


def is_clean(connection: Connection) -> bool:
    """Say whether all chunks are on the disk, and no server has started since."""
    return connection.execute(select(instance.c.is_clean)).scalar() != 0


def mark_clean(connection: Connection) -> None:
    """Note that all chunks are on the disk; the next start takes the note away."""
    connection.execute(update(instance).values(is_clean=1))
