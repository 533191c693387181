"""Look at what is stored: sessions, one session, everything."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from sharethings import __version__
from sharethings.admin import acts, reports
from sharethings.admin.errors import NotFoundError
from sharethings.records import Usage
from sharethings.storage import listing_rows, session_rows, usage_rows
from sharethings.storage.migrate import read_schema

if TYPE_CHECKING:
    from collections.abc import Callable

    from sharethings.admin.place import Place, Progress
    from sharethings.records import Changes, Content, Session
    from sharethings.storage.database import Connection

DAY_MS = 86_400_000
CONTENTS_MAX = 100_000

SORTS: dict[acts.Sort, Callable[[reports.SessionRow], int]] = {
    "created": lambda row: row.created_at,
    "activity": lambda row: row.last_activity,
    "bytes": lambda row: row.stored_bytes,
    "contents": lambda row: row.contents_count,
    "members": lambda row: row.members_count,
}
FILTERS: dict[acts.Filter, Callable[[reports.SessionRow], bool]] = {
    "all": lambda _row: True,
    "live": lambda row: row.members_count > 0,
    "empty": lambda row: row.contents_count == 0,
    "unfinished": lambda row: row.unfinished_count > 0,
    "damaged": lambda row: row.damaged_count > 0,
}


def find_rows(place: Place, connection: Connection, prefix: str = "") -> list[reports.SessionRow]:
    """Give the sessions whose id begins with `prefix`."""
    return [
        reports.SessionRow(
            members_count=len(place.core.presence.members(usage.session_id)),
            **{name: getattr(usage, name) for name in Usage.__slots__},
        )
        for usage in usage_rows.list_usage(connection, prefix)
    ]


def find_one(place: Place, connection: Connection, prefix: str) -> reports.SessionRow:
    """Give the session that `prefix` names. Raises NotFoundError when it names none or several."""
    found = find_rows(place, connection, prefix.lower()) if prefix else []
    if not found:
        raise NotFoundError(f'There is no session "{prefix}" here.')
    if len(found) > 1:
        raise NotFoundError(f"{len(found)} sessions begin with {prefix}: give more digits.")
    return found[0]


async def list_sessions(place: Place, act: acts.Sessions, _progress: Progress) -> reports.Sessions:
    """List sessions, sorted and filtered."""
    rows = await place.store.database.read(partial(find_rows, place))
    kept = filter(FILTERS[act.filter], rows)
    return reports.Sessions(sessions=sorted(kept, key=SORTS[act.sort], reverse=True))


async def show_session(place: Place, act: acts.Show, _progress: Progress) -> reports.Session:
    """Show a session. Raises NotFoundError."""

    def look(connection: Connection) -> tuple[reports.SessionRow, Session, Changes]:
        row = find_one(place, connection, act.session)
        session = session_rows.the_session(connection, row.session_id)
        return row, session, listing_rows.page_before(connection, session, None, CONTENTS_MAX)

    row, session, page = await place.store.database.read(look)
    return reports.Session(
        session=row,
        revision=session.revision,
        epoch=session.epoch,
        held_bytes=session.held_bytes,
        idle_seconds=session.idle_seconds,
        contents_max=session.contents_max,
        drops_oldest=session.drops_oldest,
        deduplicates=session.deduplicates,
        contents=[_content(content) for content in page.contents],
    )


def _content(content: Content) -> reports.ContentRow:
    names = reports.ContentRow.__struct_fields__
    return reports.ContentRow(**{name: getattr(content, name) for name in names})


async def sum_up(place: Place, _act: acts.Stats, _progress: Progress) -> reports.Stats:
    """Sum up what is stored."""
    database = place.store.directory.database
    now = place.clock.now_ms()
    free, total = await place.store.directory.space()
    rows, totals, day, week = await place.store.database.read(
        lambda connection: (
            find_rows(place, connection),
            usage_rows.totals(connection),
            usage_rows.growth(connection, now - DAY_MS),
            usage_rows.growth(connection, now - 7 * DAY_MS),
        )
    )
    return reports.Stats(
        version=__version__,
        schema=await asyncio.to_thread(read_schema, database),
        is_running=place.is_running,
        members_count=sum(row.members_count for row in rows),
        database_bytes=database.stat().st_size,
        disk_free_bytes=free,
        disk_total_bytes=total,
        last_day=day,
        last_week=week,
        oldest=min(rows, key=SORTS["created"], default=None),
        largest=max(rows, key=SORTS["bytes"], default=None),
        **{name: getattr(totals, name) for name in totals.__slots__},
    )
