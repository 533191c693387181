"""What is stored, summed up for the operator: sizes, times and ids only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import case, func, select

from sharethings.records import Growth, Totals, Upload, Usage
from sharethings.storage.tables import chunks, contents, sessions

if TYPE_CHECKING:
    from sharethings.storage.database import Connection


def list_usage(connection: Connection, prefix: str = "") -> list[Usage]:
    """Give the sessions whose id begins with `prefix` (hex digits) and what each holds."""
    holds = (
        select(
            contents.c.session_id,
            func.count().label("contents_count"),
            func.sum(1 - contents.c.is_complete).label("unfinished_count"),
            func.sum(contents.c.is_damaged).label("damaged_count"),
        )
        .group_by(contents.c.session_id)
        .subquery()
    )
    stores = (
        select(chunks.c.session_id, func.sum(chunks.c.size).label("stored_bytes"))
        .group_by(chunks.c.session_id)
        .subquery()
    )
    of = sessions.c.session_id
    rows = connection.execute(
        select(
            of,
            sessions.c.created_at,
            sessions.c.last_activity,
            sessions.c.expires_at,
            *(
                func.coalesce(column, 0).label(column.name)
                for column in (
                    holds.c.contents_count,
                    holds.c.unfinished_count,
                    holds.c.damaged_count,
                    stores.c.stored_bytes,
                )
            ),
        )
        .join_from(sessions, holds, holds.c.session_id == of, isouter=True)
        .join(stores, stores.c.session_id == of, isouter=True)
        .where(sessions.c.ended_at.is_(None) & of.startswith(prefix, autoescape=True))
        .order_by(of)
    )
    return [Usage(**row) for row in rows.mappings()]


def totals(connection: Connection) -> Totals:
    """Sum up everything."""
    ended = func.coalesce(func.sum(case((sessions.c.ended_at.is_not(None), 1), else_=0)), 0)
    session_row = connection.execute(select(func.count(), ended)).one()
    content_row = connection.execute(
        select(
            func.count(),
            func.coalesce(func.sum(1 - contents.c.is_complete), 0),
            func.coalesce(func.sum(contents.c.is_damaged), 0),
            func.coalesce(func.sum(contents.c.pinned), 0),
        ).select_from(contents)
    ).one()
    chunk_row = connection.execute(
        select(func.count(), func.coalesce(func.sum(chunks.c.size), 0))
    ).one()
    return Totals(session_row[0] - session_row[1], session_row[1], *content_row, *chunk_row)


def growth(connection: Connection, since: int) -> Growth:
    """Count what came at or after `since` and is still there."""
    counts = []
    for table, figure in (
        (sessions, func.count()),
        (contents, func.count()),
        (chunks, func.coalesce(func.sum(chunks.c.size), 0)),
    ):
        query = select(figure).select_from(table).where(table.c.created_at >= since)
        counts.append(connection.execute(query).scalar_one())
    return Growth(*counts)


def list_uploads(connection: Connection, before: int) -> list[Upload]:
    """Give unfinished contents without a chunk since `before`, by session."""
    rows = connection.execute(
        select(
            contents.c.session_id,
            contents.c.content_id,
            contents.c.last_accessed.label("last_chunk_at"),
            contents.c.stored_bytes,
        )
        .where((contents.c.is_complete == 0) & (contents.c.last_accessed <= before))
        .order_by(contents.c.session_id, contents.c.position)
    )
    return [Upload(**row) for row in rows.mappings()]


def newest_moment(connection: Connection) -> int:
    """Give the latest moment that was stored; 0 when nothing is."""
    latest = 0
    for column in (sessions.c.last_activity, contents.c.last_accessed):
        found = connection.execute(select(func.coalesce(func.max(column), 0)))
        latest = max(latest, found.scalar_one())
    return latest
