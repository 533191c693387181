"""What a cleanup takes away: nothing before it is confirmed, and only what was asked for."""

from __future__ import annotations

import asyncio
import threading
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from sharethings.admin import acts, reports, work
from sharethings.admin.doors import answer
from sharethings.admin.errors import NotFoundError, UsageError
from sharethings.admin.place import Place
from sharethings.storage.tables import contents
from tests.programs import wait_until
from tests.unit.core.house import House, a_completion, a_share, chunks_of, put, share_whole

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from sharethings.admin.place import Progress
    from sharethings.protocol.requests import ContentShare
    from sharethings.records import Member

DAY = 86_400


class Filled:
    """Two sessions, one left two days ago, one with a member; each with an unfinished upload."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.members: list[Member] = []
        self.whole: list[ContentShare] = []
        self.begun: list[ContentShare] = []

    async def fill(self) -> None:
        member = await self.house.member()
        whole, _ = await share_whole(self.house, member)
        begun = a_share()
        await self.house.core.sharing.share(member, begun)
        await put(self.house.core.chunks, member, begun.content_id, 0, chunks_of(begun)[0])
        self.members.append(member)
        self.whole.append(whole)
        self.begun.append(begun)

    async def ask(self, act: Any, progress: Progress = lambda _done, _whole: None) -> Any:
        clock = self.house.hands.clock()
        place = Place(self.house.store, self.house.core, self.house.settings, clock, True)
        return await answer(place, act, progress)

    async def clean(self, **options: Any) -> tuple[reports.Cleaned, list[str]]:
        """Dry first; gives what was taken away, and what the members were told."""
        self.house.told.events()
        files = self.files
        dry = await self.ask(acts.Cleanup(**options))
        assert (dry.done, self.files, self.house.told.events()) == (False, files, [])
        done = await self.ask(acts.Cleanup(**options, confirmed=True))
        for name in ("sessions", "uploads", "unreferenced", "freed_bytes"):
            assert getattr(done, name) == getattr(dry, name)
        verified = await self.ask(acts.Verify(deep=True))
        assert verified.faults == []
        return done, self.house.told.events()

    @property
    def files(self) -> set[str]:
        """Give the blobs that are on the disk."""
        return {path.name for path in self.house.store.directory.sessions.glob("*/*")}

    @property
    def ids(self) -> list[str]:
        return [member.session_id for member in self.members]


@pytest.fixture
async def filled(tmp_path: Path) -> AsyncIterator[Filled]:
    async with House(tmp_path / "data") as house:
        one = Filled(house)
        await one.fill()
        await house.core.sessions.leave(one.members[0])
        house.hands.seconds += 2 * DAY
        await one.fill()
        yield one


async def test_sessions_without_activity_end(filled: Filled):
    cleaned, told = await filled.clean(older_than_seconds=DAY)
    assert [row.session_id for row in cleaned.sessions] == filled.ids[:1]
    assert told == ["session:ended"]
    assert filled.files == {filled.whole[1].content_id, filled.begun[1].content_id}


async def test_members_who_are_there_keep_their_session(filled: Filled):
    filled.house.hands.seconds += 2 * DAY
    cleaned, _ = await filled.clean(older_than_seconds=DAY)
    assert [row.session_id for row in cleaned.sessions] == filled.ids[:1]


async def test_who_comes_back_during_the_scan_keeps_their_session(
    filled: Filled, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(work, "TELL_SECONDS", 0)
    presence, back = filled.house.core.presence, filled.members[0]

    def come_back(_done: int, _whole: int) -> None:
        if not presence.is_here(back):
            presence.enter(back)

    act = acts.Cleanup(older_than_seconds=DAY, unreferenced=True)
    assert (await filled.ask(act, come_back)).sessions == []
    assert presence.is_here(back)


async def test_a_session_where_something_was_done_since_the_choice_stays(filled: Filled):
    """Its last member has left, and that is not written yet when the session is chosen."""
    house, back = filled.house, filled.members[0]
    house.core.presence.enter(back)
    begun, held = threading.Event(), threading.Event()

    def hold(_connection: object) -> None:
        begun.set()
        held.wait()

    waiting: list[asyncio.Task[Any]] = [asyncio.create_task(house.store.database.write(hold))]
    await asyncio.to_thread(begun.wait)
    cleanup = filled.ask(acts.Cleanup(older_than_seconds=DAY, confirmed=True))
    try:
        for count, act in enumerate((house.core.sessions.leave(back), cleanup), start=1):
            waiting.append(asyncio.create_task(act))
            await asyncio.to_thread(wait_until, partial(_is_waiting, house, count), "it waits")
    finally:
        held.set()
    cleaned = (await asyncio.gather(*waiting))[-1]
    assert (cleaned.sessions, cleaned.freed_bytes) == ([], 0)
    assert (await filled.ask(acts.Stats())).sessions_count == 2


def _is_waiting(house: House, count: int) -> bool:
    return house.store.database.waiting_count == count


async def test_one_session_ends_by_the_beginning_of_its_id(filled: Filled):
    cleaned, told = await filled.clean(session=filled.ids[1][:10])
    assert [row.session_id for row in cleaned.sessions] == filled.ids[1:]
    assert told == ["session:ended"]
    assert (await filled.ask(acts.Stats())).sessions_count == 1


async def test_all_sessions_end(filled: Filled):
    cleaned, told = await filled.clean(all=True)
    assert len(cleaned.sessions) == len(told) == 2
    assert cleaned.freed_bytes == 2 * (40_000 + 3 * 32 + 16_384 + 32)
    assert filled.files == set()


@pytest.mark.parametrize(
    ("options", "gone"),
    [
        ({}, [0]),
        ({"older_than_seconds": DAY}, [0]),
        ({"older_than_seconds": 3 * DAY}, []),
        ({"older_than_seconds": 10}, [0]),
        ({"all": True}, [0]),
    ],
)
async def test_unfinished_uploads_go_and_the_rest_stays(
    filled: Filled, options: dict[str, Any], gone: list[int]
):
    cleaned, told = await filled.clean(incomplete=True, **options)
    assert (cleaned.sessions, cleaned.spared_count) == ([], 2 - len(gone))
    wanted = [filled.begun[index].content_id for index in gone]
    assert sorted(upload.content_id for upload in cleaned.uploads) == sorted(wanted)
    assert told == ["content:removed"] * len(gone)
    assert filled.files.isdisjoint(wanted)
    assert {one.content_id for one in filled.whole} <= filled.files


async def test_unfinished_uploads_of_one_session(filled: Filled):
    cleaned, _ = await filled.clean(incomplete=True, session=filled.ids[1])
    assert (cleaned.uploads, cleaned.spared_count) == ([], 1)
    filled.house.hands.seconds += 600
    cleaned, _ = await filled.clean(incomplete=True, session=filled.ids[1])
    assert [one.content_id for one in cleaned.uploads] == [filled.begun[1].content_id]


async def test_an_upload_completed_meanwhile_stays(filled: Filled):
    """It is complete when the writer comes to it."""
    member, begun = filled.members[1], filled.begun[1]
    for index, chunk in list(enumerate(chunks_of(begun)))[1:]:
        await put(filled.house.core.chunks, member, begun.content_id, index, chunk)
    await filled.house.core.contents.complete(member, a_completion(begun))
    change = contents.update().where(contents.c.content_id == begun.content_id)
    write = filled.house.store.database.write
    await write(lambda connection: connection.execute(change.values(is_complete=0)))
    filled.house.hands.seconds += 600
    chosen = await filled.ask(acts.Cleanup(incomplete=True, session=filled.ids[1]))
    assert len(chosen.uploads) == 1
    await write(lambda connection: connection.execute(change.values(is_complete=1)))
    cleaned, _ = await filled.clean(incomplete=True, session=filled.ids[1])
    assert cleaned.uploads == []


async def test_what_belongs_to_nothing_goes(filled: Filled):
    folder = filled.house.store.directory.sessions / filled.ids[1]
    (folder / filled.whole[1].content_id / "9.bin").write_bytes(b"lost")
    stray = folder / ("a" * 32)
    stray.mkdir()
    (stray / "0.bin").write_bytes(b"stray")
    (stray / "note.txt").write_bytes(b"not ours")
    alone = folder.parent / ("c" * 64) / ("b" * 32)
    alone.mkdir(parents=True)
    (alone / "0.bin").write_bytes(b"alone")
    cleaned, told = await _clean_unreferenced(filled)
    assert (len(cleaned.unreferenced), cleaned.freed_bytes, told) == (3, 14, [])
    assert not alone.parent.exists()
    assert {path.name for path in stray.iterdir()} == {"note.txt"}
    assert not (folder / filled.whole[1].content_id / "9.bin").exists()


async def _clean_unreferenced(filled: Filled) -> tuple[reports.Cleaned, list[str]]:
    filled.house.told.events()
    done = await filled.ask(acts.Cleanup(unreferenced=True, confirmed=True))
    assert (await filled.ask(acts.Cleanup(unreferenced=True))).unreferenced == []
    return done, filled.house.told.events()


async def test_chunks_of_no_content_go_with_their_files(filled: Filled):
    lost = filled.whole[0].content_id
    await filled.house.store.database.write(
        lambda connection: connection.execute(
            contents.delete().where(contents.c.content_id == lost)
        )
    )
    cleaned, told = await _clean_unreferenced(filled)
    assert [fault.kind for fault in cleaned.unreferenced] == ["unreferenced_rows"]
    assert (cleaned.freed_bytes, told) == (40_000 + 3 * 32, [])
    assert lost not in filled.files


async def test_what_makes_no_sense_is_refused(filled: Filled):
    with pytest.raises(UsageError, match="Say what"):
        await filled.ask(acts.Cleanup(confirmed=True))
    for narrowed in ({"session": filled.ids[0]}, {"older_than_seconds": DAY}):
        with pytest.raises(UsageError, match="--all is every session"):
            await filled.ask(acts.Cleanup(all=True, confirmed=True, **narrowed))
    with pytest.raises(NotFoundError):
        await filled.ask(acts.Cleanup(session="zz", confirmed=True))
