"""Removed contents are gone at once; their chunk rows and files go piece by piece."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

import pytest

from sharethings.core import collector, endings
from sharethings.protocol.errors import BusyError, ChunkNotFoundError, ContentNotFoundError
from sharethings.storage import backup, garbage_rows, verify
from tests.fault.wholeness import check_whole
from tests.programs import wait_until
from tests.unit.core.house import (
    CHUNK_SIZE,
    House,
    a_completion,
    a_share,
    a_stream,
    ask,
    chunks_of,
    put,
    share_whole,
)
from tests.unit.core.test_blobs import is_waiting

if TYPE_CHECKING:
    from pathlib import Path

    from sharethings.protocol import requests
    from sharethings.records import Member
    from sharethings.storage.database import Connection

CHUNKS = 7
SIZE = CHUNKS * CHUNK_SIZE
ROWS = "SELECT count(*) FROM chunk_metadata"


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collector, "CHUNKS_PER_PIECE", 3)


def counted(house: House) -> list[int]:
    """Give a list that gets how many chunk rows there are, after each commit."""
    counts: list[int] = []

    def count(_jobs: int, _seconds: float) -> None:
        with closing(sqlite3.connect(house.store.directory.database)) as database:
            counts.extend(database.execute(ROWS).fetchone())

    house.store.database.on_commit = count
    return counts


def files(house: House) -> list[Path]:
    """Give the chunk files under their names."""
    return list((house.store.directory.root / "sessions").rglob("*.bin"))


async def take_some(house: House) -> None:
    """Take one piece of what is noted away."""

    def job(connection: Connection) -> None:
        notes = garbage_rows.oldest(connection, 1)
        assert garbage_rows.take(connection, notes, 3) == []

    await house.store.database.write(job)


async def half_gone(house: House) -> tuple[Member, requests.ContentShare, list[bytes]]:
    """Remove a content, and take a part of its rows away."""
    await house.store.collector.stop()
    tia = await house.member()
    request, sent = await share_whole(house, tia, SIZE)
    await house.core.contents.remove(tia, request.content_id)
    await take_some(house)
    assert await ask(house, ROWS) == CHUNKS - 3
    return tia, request, sent


@pytest.mark.parametrize("way", ["remove", "clear"])
async def test_a_removed_content_is_gone_at_once_and_leaves_in_pieces(house: House, way: str):
    await house.store.collector.stop()
    tia = await house.member()
    request, _ = await share_whole(house, tia, SIZE)
    counts = counted(house)
    if way == "remove":
        await house.core.contents.remove(tia, request.content_id)
    else:
        await house.core.contents.clear(tia)
    assert counts == [CHUNKS]
    assert await ask(house, "SELECT reserved_bytes FROM sessions") == 0
    with pytest.raises(ContentNotFoundError):
        await house.core.chunks.open(tia, request.content_id, 0)
    await house.store.collector.collect()
    assert counts == [CHUNKS, 4, 1, 0]
    assert files(house) == []
    check_whole(house.store.directory.root)


async def test_many_small_blobs_leave_in_few_pieces(house: House):
    await house.store.collector.stop()
    tia = await house.member()
    for _ in range(6):
        await share_whole(house, tia, 100)
    counts = counted(house)
    await house.core.contents.clear(tia)
    await house.store.collector.collect()
    assert counts == [6, 3, 0]
    check_whole(house.store.directory.root)


async def test_no_folder_leaves_before_its_removal_is_committed(house: House):
    """Three jobs of one transaction: a removal, the collector's, and one that looks."""
    await house.store.collector.stop()
    tia = await house.member()
    first, _ = await share_whole(house, tia, 100)
    second, _ = await share_whole(house, tia, 100)
    await house.core.contents.remove(tia, first.content_id)
    database, holding, held = house.store.database, threading.Event(), threading.Event()

    def hold(_connection: Connection) -> None:
        holding.set()
        held.wait()

    acts = [asyncio.create_task(database.write(hold))]
    await asyncio.to_thread(holding.wait)
    try:
        for number, act in enumerate(
            (
                house.core.contents.remove(tia, second.content_id),
                house.store.collector.collect(),
                database.write(lambda _: len(files(house))),
            ),
            start=1,
        ):
            acts.append(asyncio.create_task(act))  # type: ignore[arg-type]
            await asyncio.to_thread(wait_until, partial(is_waiting, house, number), "it waits")
    finally:
        held.set()
    *_, found = await asyncio.gather(*acts)
    assert found == 1
    assert files(house) == []


async def test_a_stream_gives_back_what_came_of_it(house: House):
    tia = await house.member()
    stream, other = a_stream(), a_share(SIZE)
    for request in (stream, other):
        await house.core.sharing.share(tia, request)
    for index, chunk in enumerate(chunks_of(other)[:2]):
        await put(house.core.chunks, tia, stream.content_id, index, chunk)
    await house.core.contents.remove(tia, stream.content_id)
    assert await ask(house, "SELECT reserved_bytes FROM sessions") == other.total_size


async def test_the_rows_of_a_session_that_ended_go_in_pieces(
    house: House, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(endings, "ROWS_PER_BATCH", 3)
    await house.store.collector.stop()
    tia = await house.member()
    await share_whole(house, tia, SIZE)
    counts = counted(house)
    await house.core.endings.end([tia.session_id], "removed")
    while await house.core.endings.take_away():
        pass
    assert counts == [CHUNKS, CHUNKS, 4, 1, 0, 0, 0]
    assert await ask(house, "SELECT count(*) FROM sessions") == 0
    await house.store.collector.collect()
    assert files(house) == []


async def test_a_blob_that_is_leaving_can_be_shared_in_another_cut(house: House):
    tia, removed, _ = await half_gone(house)
    again = a_share(40_000, blob_id=removed.blob_id)
    content = await house.core.sharing.share(tia, again)
    assert (content.stored_count, await ask(house, ROWS), files(house)) == (0, 0, [])
    with pytest.raises(ChunkNotFoundError):
        await house.core.chunks.open(tia, again.content_id, 2)
    for index, chunk in enumerate(chunks_of(again)):
        await put(house.core.chunks, tia, again.content_id, index, chunk)
    await house.core.contents.complete(tia, a_completion(again))
    await house.store.collector.collect()
    check_whole(house.store.directory.root)
    assert await ask(house, "SELECT reserved_bytes FROM sessions") == again.total_size


async def test_nothing_is_taken_away_for_a_share_while_a_backup_is_made(house: House):
    tia, removed, _ = await half_gone(house)
    again = a_share(SIZE, blob_id=removed.blob_id)
    async with house.store.collector.paused():
        with pytest.raises(BusyError, match="a backup is made") as refused:
            await house.core.sharing.share(tia, again)
        assert refused.value.retryable
        assert len(files(house)) == CHUNKS
    await house.core.sharing.share(tia, again)
    assert files(house) == []


async def test_what_is_leaving_is_no_fault_and_in_no_backup(house: House, tmp_path: Path):
    await half_gone(house)
    kept, _ = await share_whole(house, await house.member())
    root = house.store.directory.root
    told: list[int] = []
    found = verify.verify(
        root / "sharethings.db",
        root / "sessions",
        deep=True,
        progress=lambda done, _whole: told.append(done),
    )
    assert found.faults == []
    backup.back_up(
        root,
        tmp_path / "backup",
        version="1",
        schema="1",
        now=0,
        progress=lambda done, _whole: told.append(done),
    )
    held = {path.parent.name for path in (tmp_path / "backup").rglob("*.bin")}
    assert held == {kept.blob_id}


async def test_a_start_takes_the_rest_of_what_was_leaving(tmp_path: Path):
    async with House(tmp_path / "data") as house:
        tia, _, _ = await half_gone(house)
        kept, _ = await share_whole(house, tia)
    async with House(tmp_path / "data") as house:
        assert await ask(house, ROWS) == kept.chunk_count
        assert await ask(house, "SELECT reserved_bytes FROM sessions") == kept.total_size
        assert await ask(house, "SELECT is_damaged FROM content_metadata") == 0
        await house.store.collector.collect()
        check_whole(tmp_path / "data")


async def test_a_folder_that_may_not_be_moved_holds_up_no_other(
    house: House, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(collector, "NOTES_PER_PIECE", 1)
    tia = await house.member()
    shared = [(await share_whole(house, tia))[0] for _ in range(2)]
    stuck = shared[0].blob_id
    bury = house.store.files.bury

    def refuse_one(session_id: str, blob_id: str) -> object:
        if blob_id == stuck:
            raise PermissionError(stuck)
        return bury(session_id, blob_id)

    for request in shared:
        await house.core.contents.remove(tia, request.content_id)
    with monkeypatch.context() as patches:
        patches.setattr(house.store.files, "bury", refuse_one)
        for _ in range(2):
            with pytest.raises(PermissionError):
                await house.store.collector.collect()
        assert {path.parent.name for path in files(house)} == {stuck}
        with pytest.raises(BusyError, match="may not move its files"):
            await house.core.sharing.share(tia, a_share(blob_id=stuck))
    await house.store.collector.collect()
    assert files(house) == []


async def test_the_wait_for_a_backup_is_no_time_that_a_piece_took(
    house: House, monkeypatch: pytest.MonkeyPatch
):
    await half_gone(house)
    seconds = 0.0
    slept: list[float] = []

    async def sleep(time: float) -> None:
        slept.append(time)

    monkeypatch.setattr("sharethings.core.collector.time.monotonic", lambda: seconds)
    monkeypatch.setattr("sharethings.core.collector.asyncio.sleep", sleep)
    async with house.store.collector.paused():
        collecting = asyncio.create_task(house.store.collector.collect())
        await house.store.database.read(lambda _: None)  # it waits for its turn now
        seconds += 7200
    await collecting
    assert files(house) == []
    assert max(slept) == 0
