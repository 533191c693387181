"""Rows that go, and `removals`, the memory of removed contents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, func, insert, literal, select, tuple_, update

from sharethings.storage import blob_rows, session_rows
from sharethings.storage.prepared import Prepared
from sharethings.storage.tables import chunks, contents, garbage, removals, sessions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sharethings.storage.database import Connection


_IS = (removals.c.session_id == bindparam("session")) & (
    removals.c.content_id == bindparam("content")
)
_REMOVED = Prepared(select(removals.c.revision).where(_IS))
_FORGET = delete(removals).where(_IS)
"""Made once: to put a statement together costs more than to run it."""


def remove_contents(
    connection: Connection,
    session_id: str,
    content_ids: Sequence[str],
    now: int,
    *,
    is_activity: bool = True,
) -> int:
    """Delete contents and remember their removal; gives the revision at which they are gone.

    The one way for some contents to leave a session that stays. Raises NotJoinedError when the
    session is gone.
    """
    held = _delete(connection, session_id, content_ids, now)
    revision = session_rows.bump(
        connection,
        session_id,
        now,
        contents=-len(content_ids),
        reserved_bytes=-held,
        is_activity=is_activity,
    )
    gone = [
        {"session_id": session_id, "content_id": one, "revision": revision, "removed_at": now}
        for one in content_ids
    ]
    connection.execute(insert(removals), gone)
    return revision


def forget_contents(connection: Connection, session_id: str, now: int, limit: int) -> int:
    """Delete some contents of a session that has ended; gives how many there were."""
    chosen = connection.execute(
        select(contents.c.content_id)
        .where(contents.c.session_id == session_id)
        .order_by(contents.c.position)
        .limit(limit)
    )
    content_ids = list(chosen.scalars())
    if content_ids:
        _delete(connection, session_id, content_ids, now)
    return len(content_ids)


def _delete(connection: Connection, session_id: str, content_ids: Sequence[str], now: int) -> int:
    """Delete the rows of contents and let their blobs go; gives the bytes they had reserved."""
    deleted = connection.execute(
        delete(contents)
        .where((contents.c.session_id == session_id) & contents.c.content_id.in_(content_ids))
        .returning(
            contents.c.blob_id,
            func.coalesce(contents.c.total_size, contents.c.stored_bytes).label("held"),
        )
    )
    blobs = {row.blob_id: row.held for row in deleted}
    return blob_rows.release(connection, session_id, blobs, now)


def clear_contents(connection: Connection, session_id: str, revision: int, now: int) -> None:
    """Delete all contents of a session, remember their removal, and note their blobs as garbage.

    Blob by blob, not the session's folder: what is shared next goes into the same one.
    """
    mine = contents.c.session_id == session_id
    for table, columns, values in (
        (garbage, ("session_id", "blob_id", "created_at"), (contents.c.blob_id, literal(now))),
        (
            removals,
            ("session_id", "content_id", "revision", "removed_at"),
            (contents.c.content_id, literal(revision), literal(now)),
        ),
    ):
        rows = select(contents.c.session_id, *values).where(mine).distinct()
        connection.execute(insert(table).from_select(list(columns), rows))
    connection.execute(delete(contents).where(mine))
    connection.execute(
        update(sessions)
        .where(sessions.c.session_id == session_id)
        .values(content_count=0, reserved_bytes=0)
    )


def removed_at(connection: Connection, session_id: str, content_id: str) -> int | None:
    """Give the revision at which a content was removed; None when it was not."""
    row = _REMOVED.one(connection, session=session_id, content=content_id)
    return None if row is None else row.revision


def prune_removals(connection: Connection, before: int, limit: int) -> int:
    """Forget removals older than `before`; gives how many.

    Who knows a session from before the newest of them gets a fresh listing.
    """
    rows = connection.execute(
        select(removals.c.session_id, removals.c.content_id, removals.c.revision)
        .where(removals.c.removed_at <= before)
        .order_by(removals.c.removed_at)
        .limit(limit)
    ).all()
    if not rows:
        return 0
    newest: dict[str, int] = {}
    for row in rows:
        newest[row.session_id] = max(row.revision, newest.get(row.session_id, 0))
    connection.execute(  # one by one: rows of several columns are not looked up by the index
        _FORGET,
        [{"session": row.session_id, "content": row.content_id} for row in rows],
    )
    reset = func.max(sessions.c.reset_revision, bindparam("newest"))
    connection.execute(
        update(sessions)
        .where(sessions.c.session_id == bindparam("of"))
        .values(reset_revision=reset),
        [{"of": session_id, "newest": revision} for session_id, revision in newest.items()],
    )
    return len(rows)


def forget_rows(connection: Connection, session_id: str, limit: int) -> int:
    """Delete chunk rows, then removals, of a session that has ended; gives how many."""
    for table in (chunks, removals):
        key = table.primary_key.columns
        chosen = select(*key).where(table.c.session_id == session_id).limit(limit)
        result = connection.execute(delete(table).where(tuple_(*key).in_(chosen)))
        if result.rowcount:
            return result.rowcount
    return 0
