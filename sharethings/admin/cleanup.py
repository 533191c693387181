"""Clean up: what would go is listed first, and goes only when the act says so.

Everything goes through the rules: sessions end as by their clock, uploads as by the sweeper,
members are told. When the act is done, the bytes have left the disk.
"""

from __future__ import annotations

from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from sharethings.admin import acts, reports
from sharethings.admin.errors import UsageError
from sharethings.admin.survey import find_one, find_rows
from sharethings.admin.verify import find_faults
from sharethings.core.endings import CONTENTS_PER_BATCH, SESSIONS_PER_BATCH
from sharethings.storage import content_rows, garbage_rows, usage_rows, verify

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sharethings.admin.place import Place, Progress
    from sharethings.core.removals import Removal
    from sharethings.records import Upload
    from sharethings.storage.blob_check import Fault
    from sharethings.storage.database import Connection

UNREFERENCED = {"unreferenced_rows", "unreferenced_file"}
QUIET_SECONDS = 600
"""An upload without a chunk for so long is taken for given up, unless the act says how long."""


async def clean_up(place: Place, act: acts.Cleanup, progress: Progress) -> reports.Cleaned:
    """List what goes; with `confirmed` take it away. Raises UsageError, NotFoundError."""
    if not (act.all or act.session or act.incomplete or act.unreferenced or act.older_than_seconds):
        raise UsageError(
            "Say what: --older-than, --session, --incomplete, --unreferenced or --all."
        )
    if act.all and (act.session or act.older_than_seconds):
        raise UsageError("--all is every session: it goes with neither --session nor --older-than.")
    quiet_seconds = act.older_than_seconds or QUIET_SECONDS
    faults = []
    if act.unreferenced:
        found = await find_faults(place, deep=False, progress=progress)
        faults = [fault for fault in found.faults if fault.kind in UNREFERENCED]
    # After the scan, which may take minutes: people come back meanwhile.
    before = place.clock.now_ms() - quiet_seconds * 1000
    sessions, uploads, spared_count = await _choose(place, act, before)
    if act.confirmed:
        quiet_since = None if act.older_than_seconds is None else before
        sessions = await _end(place, sessions, quiet_since)
        await _remove_uploads(place, uploads)
        await _remove_unreferenced(place, faults)
        await place.store.collector.collect()
    return reports.Cleaned(
        done=act.confirmed,
        sessions=sessions,
        uploads=uploads,
        quiet_seconds=quiet_seconds,
        spared_count=spared_count,
        unreferenced=faults,
        freed_bytes=sum(row.stored_bytes for row in sessions)
        + sum(upload.stored_bytes for upload in uploads)
        + sum(fault.size_bytes for fault in faults),
    )


async def _choose(
    place: Place, act: acts.Cleanup, before: int
) -> tuple[list[reports.SessionRow], list[Upload], int]:
    """Give the sessions that end, or with `incomplete` the unfinished uploads that go.

    Quiet is what nothing was done in after `before` (ms).
    The last is how many uploads stay because a chunk came lately.
    """
    now = place.clock.now_ms()

    def look(connection: Connection) -> tuple[list[reports.SessionRow], list[Upload]]:
        if act.session is not None:
            rows = [find_one(place, connection, act.session)]
        else:
            rows = find_rows(place, connection)
        return rows, usage_rows.list_uploads(connection, now) if act.incomplete else []

    rows, uploads = await place.store.database.read(look)
    if act.incomplete:
        ids = {row.session_id for row in rows}
        found = [one for one in uploads if one.session_id in ids]
        going = [one for one in found if one.last_chunk_at <= before]
        return [], going, len(found) - len(going)
    if act.older_than_seconds is not None:
        # A member who is there is activity, however long nothing was said.
        rows = [row for row in rows if row.last_activity <= before and not row.members_count]
    elif not (act.all or act.session):
        rows = []
    return rows, [], 0


def _batches(ids: Sequence[str], count: int) -> Iterator[Sequence[str]]:
    return (ids[first : first + count] for first in range(0, len(ids), count))


async def _end(
    place: Place, sessions: list[reports.SessionRow], quiet_since: int | None
) -> list[reports.SessionRow]:
    """Give those that have ended: in some there may be somebody again."""
    ended: set[str] = set()
    for batch in _batches([row.session_id for row in sessions], SESSIONS_PER_BATCH):
        ended.update(await place.core.endings.end(batch, "removed", quiet_since=quiet_since))
    while await place.core.endings.take_away():
        pass
    return [row for row in sessions if row.session_id in ended]


async def _remove_uploads(place: Place, uploads: list[Upload]) -> None:
    for session_id, group in groupby(uploads, attrgetter("session_id")):
        ids = [upload.content_id for upload in group]
        for batch in _batches(ids, CONTENTS_PER_BATCH):
            job = partial(_remove_unfinished, place, session_id, batch)
            removal = await place.store.database.write(job, frees=True)
            if removal is not None:
                await place.core.removals.tell(removal)


def _remove_unfinished(
    place: Place, session_id: str, content_ids: Sequence[str], connection: Connection
) -> Removal | None:
    """Remove those that are still unfinished: some may have been completed since."""
    found = [content_rows.get_content(connection, session_id, one) for one in content_ids]
    left = [one.content_id for one in found if one is not None and one.state == "uploading"]
    if not left:
        return None
    return place.core.removals.remove(connection, session_id, left, "unfinished")


async def _remove_unreferenced(place: Place, faults: list[Fault]) -> None:
    """Remove rows and files that belong to nothing, in the writer's turn: it may have changed."""
    now = place.clock.now_ms()

    def remove(connection: Connection, group: list[Fault]) -> None:
        for fault in verify.look_again(connection, place.store.directory.sessions, group):
            if fault.chunk_index is None:
                garbage_rows.note(connection, fault.session_id, [fault.blob_id], now)
            else:
                place.store.files.drop(fault.session_id, fault.blob_id, [fault.chunk_index])

    for _, group in groupby(faults, attrgetter("session_id")):
        await place.store.database.write(partial(remove, group=list(group)), frees=True)
