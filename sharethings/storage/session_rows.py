"""Rows of `sessions`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, select, update
from sqlalchemy.dialects.sqlite import insert

from sharethings.protocol.errors import NotJoinedError
from sharethings.records import Session
from sharethings.storage.tables import instance, sessions

if TYPE_CHECKING:
    from sharethings.storage.database import Connection


async def realm(connection: Connection, fresh: bytes, now: int) -> bytes:
    """Give the 16 bytes that name this server; `fresh` becomes them at the first call."""
    await connection.execute(
        insert(instance).values(id=1, realm=fresh, created_at=now).on_conflict_do_nothing()
    )
    stored: bytes = (await connection.execute(select(instance.c.realm))).scalar_one()
    return stored


async def insert_session(connection: Connection, session: Session) -> bool:
    """Insert the row; say False and change nothing when the session exists."""
    result = await connection.execute(
        insert(sessions).values(**asdict(session)).on_conflict_do_nothing()
    )
    return result.rowcount == 1


async def get_session(connection: Connection, session_id: str) -> Session | None:
    """Give the session's row; one that has ended is not there any more."""
    row = (
        await connection.execute(
            select(sessions).where(
                (sessions.c.session_id == session_id) & sessions.c.ended_at.is_(None)
            )
        )
    ).one_or_none()
    if row is None:
        return None
    values: dict[str, Any] = dict(row._mapping)  # noqa: SLF001 - public by its docs
    for name in ("drops_oldest", "deduplicates"):
        values[name] = bool(values[name])
    return Session(**values)


async def the_session(connection: Connection, session_id: str) -> Session:
    """Give the row of a session that a member is in. Raises NotJoinedError when it is gone."""
    session = await get_session(connection, session_id)
    if session is None:
        raise NotJoinedError
    return session


def expiry(now: int) -> Any:  # noqa: ANN401 - a clause of SQLAlchemy
    """Give when a session ends that was active at `now`; NULL for one that never does."""
    return case((sessions.c.idle_seconds > 0, now + sessions.c.idle_seconds * 1000))


async def bump(
    connection: Connection,
    session_id: str,
    now: int,
    *,
    contents: int = 0,
    reserved_bytes: int = 0,
    reset: bool = False,
) -> int:
    """Give the session its next revision and its full time again.

    `contents` and `reserved_bytes` are counted in.
    `reset` makes every older revision useless for catching up. Raises NotJoinedError when the
    session is gone.
    """
    values: dict[str, Any] = {
        "revision": sessions.c.revision + 1,
        "last_activity": now,
        "expires_at": expiry(now),
        "content_count": sessions.c.content_count + contents,
        "reserved_bytes": sessions.c.reserved_bytes + reserved_bytes,
    }
    if reset:
        values["reset_revision"] = sessions.c.revision + 1
    result = await connection.execute(
        update(sessions)
        .where((sessions.c.session_id == session_id) & sessions.c.ended_at.is_(None))
        .values(values)
        .returning(sessions.c.revision)
    )
    revision: int | None = result.scalar_one_or_none()
    if revision is None:
        raise NotJoinedError
    return revision


async def reserve(connection: Connection, session_id: str, size_bytes: int) -> int:
    """Add to the bytes that a session holds or was promised; gives the new sum."""
    result = await connection.execute(
        update(sessions)
        .where(sessions.c.session_id == session_id)
        .values(reserved_bytes=sessions.c.reserved_bytes + size_bytes)
        .returning(sessions.c.reserved_bytes)
    )
    total: int = result.scalar_one()
    return total
