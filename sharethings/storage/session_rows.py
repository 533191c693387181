"""Rows of `sessions`."""

from __future__ import annotations

from dataclasses import asdict
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, case, select, update
from sqlalchemy.dialects.sqlite import insert

from sharethings.protocol.errors import NotJoinedError
from sharethings.records import CONTENT_BYTES, Session
from sharethings.storage.prepared import Prepared
from sharethings.storage.tables import sessions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sharethings.storage.database import Connection


def _full_time(now: Any) -> dict[str, Any]:  # noqa: ANN401 - a time in ms, or a parameter
    """Give the columns of a session that is active at `now`; one without a limit never expires."""
    expires_at = case((sessions.c.idle_seconds > 0, now + sessions.c.idle_seconds * 1000))
    return {"last_activity": now, "expires_at": expires_at}


_FIND = Prepared(select(sessions).where(sessions.c.session_id == bindparam("session")))
_RESERVE = Prepared(
    update(sessions)
    .where(sessions.c.session_id == bindparam("session"))
    .values(reserved_bytes=sessions.c.reserved_bytes + bindparam("size"))
    .returning(sessions.c.reserved_bytes + sessions.c.content_count * CONTENT_BYTES)
)
"""Made once: to put a statement together costs more than to run it."""


@cache
def _bump(*, reset: bool, is_activity: bool) -> Prepared:
    values: dict[str, Any] = {
        "revision": sessions.c.revision + 1,
        "content_count": sessions.c.content_count + bindparam("contents"),
        "reserved_bytes": sessions.c.reserved_bytes + bindparam("size"),
    }
    if is_activity:
        values |= _full_time(bindparam("now"))
    if reset:
        values["reset_revision"] = sessions.c.revision + 1
    return Prepared(
        update(sessions)
        .where((sessions.c.session_id == bindparam("session")) & sessions.c.ended_at.is_(None))
        .values(values)
        .returning(sessions.c.revision)
    )


def insert_session(connection: Connection, session: Session) -> bool:
    """Insert the row; say False and change nothing when the session exists."""
    result = connection.execute(insert(sessions).values(**asdict(session)).on_conflict_do_nothing())
    return result.rowcount == 1


def get_session(connection: Connection, session_id: str) -> Session | None:
    """Give the session's row; one that has ended is not there any more."""
    session = find_session(connection, session_id)
    return session if session is not None and session.ended_at is None else None


def find_session(connection: Connection, session_id: str) -> Session | None:
    """Give the session's row, also of one that has ended and is being taken away."""
    row = _FIND.one(connection, session=session_id)
    if row is None:
        return None
    values: dict[str, Any] = row._asdict()
    for name in ("drops_oldest", "deduplicates"):
        values[name] = bool(values[name])
    return Session(**values)


def the_session(connection: Connection, session_id: str) -> Session:
    """Give the row of a session that a member is in. Raises NotJoinedError when it is gone."""
    session = get_session(connection, session_id)
    if session is None:
        raise NotJoinedError
    return session


def extend_sessions(
    connection: Connection, now: int, session_ids: Sequence[str] | None = None
) -> None:
    """Give sessions their full time again; all when None."""
    chosen = sessions.c.ended_at.is_(None) & sessions.c.expires_at.is_not(None)
    if session_ids is not None:
        chosen &= sessions.c.session_id.in_(session_ids)
    connection.execute(update(sessions).where(chosen).values(_full_time(now)))


def end_sessions(
    connection: Connection, now: int, session_ids: Sequence[str], quiet_since: int | None = None
) -> list[str]:
    """Let sessions be gone for everybody; gives those that were there.

    With `quiet_since` only those without activity after it.
    """
    chosen = sessions.c.session_id.in_(session_ids) & sessions.c.ended_at.is_(None)
    if quiet_since is not None:
        chosen &= sessions.c.last_activity <= quiet_since
    ended = connection.execute(
        update(sessions)
        .where(chosen)
        .values(ended_at=now, expires_at=None)
        .returning(sessions.c.session_id)
    )
    return list(ended.scalars())


def bump(
    connection: Connection,
    session_id: str,
    now: int,
    *,
    contents: int = 0,
    reserved_bytes: int = 0,
    reset: bool = False,
    is_activity: bool = True,
) -> int:
    """Give the session its next revision and, for what members do, its full time again.

    `contents` and `reserved_bytes` are counted in.
    `reset` makes every older revision useless for catching up. Raises NotJoinedError when the
    session is gone.
    """
    values: dict[str, Any] = {
        "session": session_id,
        "contents": contents,
        "size": reserved_bytes,
    }
    if is_activity:
        values["now"] = now
    row = _bump(reset=reset, is_activity=is_activity).one(connection, **values)
    if row is None:
        raise NotJoinedError
    revision: int = row.revision
    return revision


def reserve(connection: Connection, session_id: str, size_bytes: int) -> int:
    """Add to the bytes that a session holds or was promised; gives what counts in its quota."""
    total: int = _RESERVE.one(connection, session=session_id, size=size_bytes)[0]
    return total
