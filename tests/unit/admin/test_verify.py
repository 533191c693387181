"""Verification finds what does not fit, and nothing where all does."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from sharethings.admin import acts, reports
from sharethings.admin.doors import answer
from sharethings.admin.place import Place
from sharethings.storage.tables import chunks, contents, sessions
from tests.unit.core.house import House, a_share, an_inline, chunks_of, put, share_whole

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from sharethings.protocol.requests import ContentShare
    from sharethings.records import Member


class Filled:
    """A house with a whole content, an unfinished one, and a small one in its row."""

    def __init__(self, house: House, member: Member, whole: ContentShare) -> None:
        self.house = house
        self.member = member
        self.whole = whole

    @property
    def folder(self) -> Path:
        sessions_folder = self.house.store.directory.sessions
        return sessions_folder / self.member.session_id / self.whole.content_id

    async def verify(self, **options: bool) -> reports.Verified:
        clock = self.house.hands.clock()
        place = Place(self.house.store, self.house.core, self.house.settings, clock, True)
        report = await answer(place, acts.Verify(**options), lambda _done, _whole: None)
        assert isinstance(report, reports.Verified)
        return report

    async def change(self, statement: Any) -> None:
        await self.house.store.database.write(lambda connection: connection.execute(statement))


@pytest.fixture
async def filled(tmp_path: Path) -> AsyncIterator[Filled]:
    async with House(tmp_path / "data") as house:
        member = await house.member()
        whole, _ = await share_whole(house, member)
        await house.core.sharing.share(member, an_inline())
        begun = a_share()
        await house.core.sharing.share(member, begun)
        await put(house.core.chunks, member, begun.content_id, 1, chunks_of(begun)[1])
        house.told.events()
        yield Filled(house, member, whole)


@pytest.mark.parametrize("deep", [False, True])
async def test_all_is_well(filled: Filled, deep: bool):
    report = await filled.verify(deep=deep)
    assert (report.faults, report.kinds) == ([], {})
    assert (report.sessions_count, report.blobs_count, report.chunks_count) == (1, 3, 5)


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[100] ^= 1
    path.write_bytes(data)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "missing": lambda folder: (folder / "0.bin").unlink(),
    "size": lambda folder: (folder / "0.bin").write_bytes(b"short"),
    "digest": lambda folder: _flip(folder / "0.bin"),
    "unreferenced_file": lambda folder: (folder / "7.bin").write_bytes(b"new"),
    "unknown_file": lambda folder: (folder / "07.bin").write_bytes(b"whose?"),
}


@pytest.mark.parametrize("kind", DAMAGES)
async def test_what_happened_to_a_file_is_found(filled: Filled, kind: str):
    DAMAGES[kind](filled.folder)
    report = await filled.verify(deep=True)
    assert report.kinds == {kind: 1}
    fault = report.faults[0]
    assert (fault.session_id, fault.blob_id) == (filled.member.session_id, filled.whole.content_id)
    assert ("digest" in (await filled.verify()).kinds) is False
    assert filled.house.told.events() == []


@pytest.mark.parametrize("kind", ["missing", "size", "digest"])
async def test_marking_tells_the_members_and_stays_a_fault(filled: Filled, kind: str):
    DAMAGES[kind](filled.folder)
    report = await filled.verify(deep=True, mark=True)
    assert (report.kinds, report.marked_count) == ({kind: 1}, 1)
    assert filled.house.told.events() == ["content:changed"]
    again = await filled.verify(deep=True, mark=True)
    assert (again.kinds, again.marked_count) == ({"damaged": 1}, 0)


@pytest.mark.parametrize(
    ("change", "kinds"),
    [
        (sessions.update().values(content_count=7), {"counter": 1}),
        (sessions.update().values(reserved_bytes=7), {"counter": 1}),
        (contents.update().values(stored_bytes=7), {"counter": 3}),
        (
            chunks.delete().where(chunks.c.chunk_index == 2),
            {"counter": 1, "incomplete": 1, "unreferenced_file": 1},
        ),
        (
            contents.delete().where(contents.c.is_complete == 0),
            {"counter": 1, "unreferenced_rows": 1},
        ),
        (
            contents.update()
            .where(contents.c.inline_chunk.is_not(None))
            .values(inline_chunk=b"x" * 132),
            {"digest": 1},
        ),
        (
            contents.update().where(contents.c.inline_chunk.is_not(None)).values(inline_chunk=b"x"),
            {"size": 1},
        ),
    ],
)
async def test_rows_that_do_not_fit_are_found(filled: Filled, change: Any, kinds: dict[str, int]):
    await filled.change(change)
    report = await filled.verify(deep=True)
    assert report.kinds == kinds


async def test_a_damaged_chunk_in_a_row_is_found(filled: Filled):
    await filled.change(chunks.update().values(is_damaged=1))
    kinds = (await filled.verify(deep=True)).kinds
    assert kinds == {"damaged": 5, "counter": 3, "incomplete": 2}


async def test_removed_contents_on_their_way_out_are_no_fault(filled: Filled):
    async with filled.house.store.collector.paused():
        await filled.house.core.contents.remove(filled.member, filled.whole.content_id)
        assert filled.folder.exists()
        assert (await filled.verify(deep=True)).kinds == {}
    await filled.house.store.collector.collect()
    assert not filled.folder.exists()


async def test_a_file_where_a_folder_belongs_is_left_alone(filled: Filled):
    (filled.folder.parent / "note").write_text("mine")
    (filled.folder.parent.parent / "note").write_text("mine")
    assert (await filled.verify(deep=True)).kinds == {"unknown_file": 1}


async def test_a_database_with_loose_rows_is_found(filled: Filled):
    def insert(path: Path) -> None:
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute(
                "INSERT INTO removals VALUES ('f', 'e', 1, 0)"  # without a session
            )

    await asyncio.to_thread(insert, filled.house.store.directory.database)
    report = await filled.verify()
    assert report.kinds == {"database": 1}
    assert report.faults[0].detail == "a row of removals refers to a sessions that is not there"


async def test_looking_while_a_server_works_finds_nothing(filled: Filled):
    """Shares and removals run through while the look goes on; what moved is looked at again."""

    async def work() -> None:
        for _ in range(12):
            request, _sent = await share_whole(filled.house, filled.member)
            await filled.house.core.contents.remove(filled.member, request.content_id)

    working = asyncio.create_task(work())
    while not working.done():
        assert (await filled.verify(deep=True)).faults == []
    await working


async def test_nobody_waits_for_a_look_that_was_given_up(filled: Filled):
    looking = asyncio.create_task(filled.verify(deep=True))
    await asyncio.sleep(0)
    looking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await looking
