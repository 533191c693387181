"""Pages of the contents of a session, and of what changed in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from sharethings.records import Changes, Session
from sharethings.storage.content_rows import to_content
from sharethings.storage.tables import contents, removals

if TYPE_CHECKING:
    from sharethings.storage.database import Connection

_MINE = contents.c.session_id == bindparam("session")
_PAGE = select(contents).where(_MINE).order_by(contents.c.position.desc()).limit(bindparam("limit"))
_PAGE_BEFORE = _PAGE.where(contents.c.position < bindparam("before"))
_CHANGED = (
    select(contents)
    .where(_MINE & (contents.c.revision > bindparam("since")))
    .order_by(contents.c.revision)
    .limit(bindparam("limit"))
)
_GONE = (
    select(removals.c.revision, removals.c.content_id)
    .where(
        (removals.c.session_id == bindparam("session")) & (removals.c.revision > bindparam("since"))
    )
    .order_by(removals.c.revision)
    .limit(bindparam("limit"))
)
"""Made once: to put a statement together costs more than to run it."""


def page_before(
    connection: Connection, session: Session, before: int | None, limit: int
) -> Changes:
    """List contents by position, newest first, those below position `before`."""
    values = {"session": session.session_id, "limit": limit + 1}
    if before is None:
        rows = connection.execute(_PAGE, values).all()
    else:
        rows = connection.execute(_PAGE_BEFORE, values | {"before": before}).all()
    return Changes(
        revision=session.revision,
        through=session.revision,
        contents=[to_content(row) for row in rows[:limit]],
        more=len(rows) > limit,
    )


def changes_since(connection: Connection, session: Session, since: int, limit: int) -> Changes:
    """List what changed after revision `since`, oldest change first.

    When `since` is older than the last reset, the answer is a fresh listing with `reset`.
    """
    if since < session.reset_revision or since > session.revision:
        page = page_before(connection, session, None, limit)
        return Changes(**{**_fields(page), "reset": True})
    values = {"session": session.session_id, "since": since, "limit": limit + 1}
    changed = connection.execute(_CHANGED, values).all()
    gone = connection.execute(_GONE, values).all()
    more = len(changed) > limit or len(gone) > limit
    through = session.revision
    if more:
        through = min(part[limit].revision - 1 for part in (changed, gone) if len(part) > limit)
    return Changes(
        revision=session.revision,
        through=through,
        contents=[to_content(row) for row in changed if row.revision <= through],
        removed=[row.content_id for row in gone if row.revision <= through],
        more=more,
    )


def _fields(changes: Changes) -> dict[str, Any]:
    return {name: getattr(changes, name) for name in changes.__slots__}
