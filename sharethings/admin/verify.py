"""Verify what is stored, also while a server works on it."""

from __future__ import annotations

import asyncio
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from sharethings.admin import acts, reports
from sharethings.admin.work import in_thread
from sharethings.storage import chunk_rows, content_rows, verify

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sharethings.admin.place import Place, Progress
    from sharethings.storage.blob_check import Fault

FAULTS_SHOWN = 1000
MARKED = {"missing", "size", "digest"}


async def verify_store(place: Place, act: acts.Verify, progress: Progress) -> reports.Verified:
    """Look at everything; with `mark` have what is damaged marked."""
    found = await find_faults(place, deep=act.deep, progress=progress)
    marked = [await _mark(place, fault) for fault in found.faults] if act.mark else []
    return reports.Verified(
        deep=act.deep,
        sessions_count=found.sessions_count,
        blobs_count=found.blobs_count,
        chunks_count=found.chunks_count,
        bytes_count=found.bytes_count,
        kinds=found.kinds(),
        marked_count=sum(marked),
        faults=found.faults[:FAULTS_SHOWN],
    )


async def find_faults(place: Place, *, deep: bool, progress: Progress) -> verify.Verification:
    """Look at everything, then again at what did not fit: a server may have been at work there."""
    directory = place.store.directory
    found = await in_thread(
        lambda tell: verify.verify(
            directory.database, directory.sessions, deep=deep, progress=tell
        ),
        progress,
    )
    found.faults = [fault async for fault in _still(place, found.faults)]
    return found


async def _still(place: Place, faults: list[Fault]) -> AsyncIterator[Fault]:
    """Give the faults that still stand: in the writer's turn rows and files do not move."""
    directory = place.store.directory
    for session_id, group in groupby(faults, attrgetter("session_id")):
        stands = list(group)
        if session_id:
            stands = await place.store.database.write(
                lambda connection, stands=stands: verify.look_again(  # type: ignore[misc]
                    connection, directory.sessions, stands
                ),
                frees=True,  # it changes nothing, and runs when nothing new is taken too
            )
        for fault in stands:
            if fault.kind != "digest" or await asyncio.to_thread(
                verify.hash_again, directory.database, directory.sessions, fault
            ):
                yield fault


async def _mark(place: Place, fault: Fault) -> bool:
    """Have the rules look at a chunk as when a member reports it: they mark and tell."""
    if fault.kind not in MARKED or fault.chunk_index is None:
        return False
    key, index = (fault.session_id, fault.blob_id), fault.chunk_index
    content, chunk = await place.store.database.read(
        lambda connection: (
            content_rows.any_of_blob(connection, *key),
            chunk_rows.get_chunk(connection, *key, index),
        )
    )
    if content is None or chunk is None:
        return False
    return not await place.core.damage.is_whole(content, chunk)
