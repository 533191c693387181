"""What is due: rows whose time has come, a bounded number at a time, each query by an index."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, literal_column, select, update

from sharethings.storage.tables import contents, sessions

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from sharethings.storage.database import Connection

ZERO: ColumnElement[int] = literal_column("0")
"""In the text of a query, where SQLite sees that it may use a partial index."""


def due_sessions(connection: Connection, now: int, limit: int) -> list[str]:
    """Give the sessions whose time is over, the longest due first."""
    rows = connection.execute(
        select(sessions.c.session_id)
        .where(sessions.c.expires_at <= now)
        .order_by(sessions.c.expires_at)
        .limit(limit)
    )
    return list(rows.scalars())


def ended_session(connection: Connection) -> str | None:
    """Give the session that ended first and still has rows."""
    rows = connection.execute(
        select(sessions.c.session_id)
        .where(sessions.c.ended_at.is_not(None))
        .order_by(sessions.c.ended_at)
        .limit(1)
    )
    session_id: str | None = rows.scalar()
    return session_id


def delete_session(connection: Connection, session_id: str) -> None:
    """Delete the row of a session that has ended."""
    connection.execute(
        delete(sessions).where(
            (sessions.c.session_id == session_id) & sessions.c.ended_at.is_not(None)
        )
    )


def due_contents(connection: Connection, now: int, limit: int) -> dict[str, list[str]]:
    """Give contents whose time is over and that are not pinned, by session."""
    due = (contents.c.expires_at <= now) & (contents.c.pinned == ZERO)
    return _by_session(connection, due, contents.c.expires_at, limit)


def unfinished_contents(connection: Connection, before: int, limit: int) -> dict[str, list[str]]:
    """Give contents that were not completed and had no chunk since `before`, by session."""
    left = (contents.c.last_accessed <= before) & (contents.c.is_complete == ZERO)
    return _by_session(connection, left, contents.c.last_accessed, limit)


def extend_unfinished(connection: Connection, now: int) -> None:
    """Give all contents that were not completed their full time again."""
    unfinished = contents.c.is_complete == ZERO
    connection.execute(update(contents).where(unfinished).values(last_accessed=now))


def _by_session(
    connection: Connection, clause: ColumnElement[bool], order: ColumnElement[Any], limit: int
) -> dict[str, list[str]]:
    """Those of sessions that have ended are not listed: they go with their session."""
    ended = select(sessions.c.session_id).where(sessions.c.ended_at.is_not(None))
    rows = connection.execute(
        select(contents.c.session_id, contents.c.content_id)
        .where(clause & contents.c.session_id.not_in(ended))
        .order_by(order)
        .limit(limit)
    )
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row.session_id, []).append(row.content_id)
    return found


def oldest_unpinned(connection: Connection, session_id: str, limit: int) -> list[str]:
    """Give the contents of a session that make room for a new one."""
    rows = connection.execute(
        select(contents.c.content_id)
        .where((contents.c.session_id == session_id) & (contents.c.pinned == ZERO))
        .order_by(contents.c.position)
        .limit(limit)
    )
    return list(rows.scalars())
