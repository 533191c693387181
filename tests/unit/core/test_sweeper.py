"""Contents that go by themselves: expired, displaced, never finished; and what is remembered."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs

from sharethings.core import sweeper
from sharethings.core.rounds import Rounds
from sharethings.protocol import requests
from sharethings.protocol.announcements import ContentRemoved
from sharethings.protocol.errors import LimitReachedError
from tests.unit.core.house import (
    House,
    a_chunk,
    a_share,
    an_inline,
    ask,
    chunks_of,
    put,
    share_whole,
)
from tests.unit.core.plans import plans_of, scans
from tests.unit.core.test_contents import listed

if TYPE_CHECKING:
    from sharethings.records import Member

WEEK = 7 * 86_400


async def share(house: House, member: Member, **changes: Any) -> str:
    """Share a small content; gives its id."""
    request = an_inline(**changes)
    await house.core.sharing.share(member, request)
    return request.content_id


async def pin(house: House, member: Member, content_id: str, *, pinned: bool) -> None:
    """Pin, or let go."""
    await house.core.contents.pin(member, requests.ContentPin(content_id=content_id, pinned=pinned))


def removals_told(house: House) -> list[ContentRemoved]:
    """Give the removals that were told, and forget all."""
    told = [said for _, said, _ in house.told.all if isinstance(said, ContentRemoved)]
    house.told.events()
    return told


async def test_contents_go_when_their_time_is_over(house: House):
    tia = await house.member()
    stays = await share(house, tia)
    going = [await share(house, tia, lifetime_seconds=60) for _ in range(3)]
    house.hands.seconds += 59
    await house.core.sweeper.sweep()
    assert removals_told(house) == []
    before = (await house.core.sessions.list_contents(tia)).revision
    house.hands.seconds += 1
    await house.core.sweeper.sweep()
    (told,) = removals_told(house)
    assert sorted(told.content_ids) == sorted(going)
    assert (told.reason, told.revision) == ("expired", before + 1)
    assert await listed(house, tia) == [stays]
    page = await house.core.sessions.list_contents(tia, since=before)
    assert sorted(page.removed) == sorted(going)
    assert house.core.sweeper.counts["contents_expired"] == 3


async def test_pinned_contents_stay_until_they_are_let_go(house: House):
    tia = await house.member()
    content_id = await share(house, tia, lifetime_seconds=60)
    await pin(house, tia, content_id, pinned=True)
    house.hands.seconds += 100
    await house.core.sweeper.sweep()
    assert await listed(house, tia) == [content_id]
    await pin(house, tia, content_id, pinned=False)
    await house.core.sweeper.sweep()
    assert await listed(house, tia) == []


async def test_the_bytes_of_an_expired_content_leave_the_disk_and_the_quota(house: House):
    tia = await house.member()
    await share_whole(house, tia, lifetime_seconds=60)
    await house.core.sharing.share(tia, an_inline(lifetime_seconds=60))
    root = house.store.directory.root
    assert len(list(root.rglob("*.bin"))) == 3
    house.hands.seconds += 60
    await house.core.sweeper.sweep()
    await house.store.collector.stop()
    await house.store.collector.collect()
    assert list(root.rglob("*.bin")) == []
    assert list((root / "sessions").iterdir()) == []
    for column in ("content_count", "reserved_bytes"):
        assert await ask(house, f"SELECT {column} FROM sessions") == 0  # noqa: S608


async def test_what_goes_by_itself_does_not_keep_its_session(house: House):
    tia, _ = await house.join(await house.create(idle_seconds=600))
    await share(house, tia, lifetime_seconds=60)
    await house.core.sessions.leave(tia)
    house.hands.seconds += 599
    await house.core.sweeper.sweep()
    house.hands.seconds += 1
    await house.core.sweeper.sweep()
    assert house.core.sweeper.counts == {"contents_expired": 1, "sessions_expired": 1}


async def test_an_upload_is_given_up_when_no_chunk_came_for_half_an_hour(house: House):
    tia = await house.member()
    request = a_share()
    await house.core.sharing.share(tia, request)
    await share_whole(house, tia)
    chunk = chunks_of(request)[0]
    house.hands.seconds += 1799
    await put(house.core.chunks, tia, request.content_id, 0, chunk)
    house.hands.seconds += 1799
    await house.core.sweeper.sweep()
    assert len(await listed(house, tia)) == 2
    house.told.events()
    house.hands.seconds += 1
    await house.core.sweeper.sweep()
    (told,) = removals_told(house)
    assert (told.content_ids, told.reason) == ([request.content_id], "unfinished")
    assert house.core.sweeper.counts == {"contents_unfinished": 1}


async def test_the_oldest_makes_room_where_the_session_says_so(house: House):
    tia, _ = await house.join(await house.create(contents_max=2, drops_oldest=True))
    first, second = await share(house, tia), await share(house, tia)
    await pin(house, tia, first, pinned=True)
    house.told.events()
    third = await share(house, tia)
    assert [said.event for _, said, _ in house.told.all] == ["content:removed", "content:changed"]
    (told,) = removals_told(house)
    assert (told.content_ids, told.reason) == ([second], "displaced")
    assert await listed(house, tia) == [third, first]
    await pin(house, tia, third, pinned=True)
    with pytest.raises(LimitReachedError):
        await share(house, tia)
    for logged in ([{"contents_displaced": 1}], []):
        with capture_logs() as logs:
            await house.core.sweeper.sweep()
        swept = [one for one in logs if one.pop("event") == "swept" and one.pop("log_level")]
        assert swept == logged
    assert house.core.sweeper.counts == {"contents_displaced": 1}


async def test_else_a_session_that_is_full_takes_nothing(house: House):
    tia, _ = await house.join(await house.create(contents_max=1))
    first = await share(house, tia)
    with pytest.raises(LimitReachedError):
        await share(house, tia)
    assert await listed(house, tia) == [first]


async def test_removals_are_forgotten_after_a_week(house: House):
    tia = await house.member()
    since = (await house.core.sessions.list_contents(tia)).revision
    first = await share(house, tia)
    await house.core.contents.remove(tia, first)
    house.hands.seconds += WEEK / 2
    second = await share(house, tia)
    between = (await house.core.sessions.list_contents(tia)).revision
    await house.core.contents.remove(tia, second)
    house.hands.seconds += WEEK / 2
    await house.core.sweeper.sweep()
    assert house.core.sweeper.counts == {"removals_forgotten": 1}
    assert (await house.core.sessions.list_contents(tia, since=since)).reset
    page = await house.core.sessions.list_contents(tia, since=between)
    assert (page.reset, page.removed) == (False, [second])


async def test_a_sweep_goes_on_batch_by_batch(house: House, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sweeper, "CONTENTS_PER_BATCH", 2)
    monkeypatch.setattr(sweeper, "CONTENT_SESSIONS_PER_BATCH", 1)
    members = [await house.member(), await house.member()]
    for member in members * 5:
        await share(house, member, lifetime_seconds=60)
    house.hands.seconds += 60
    house.told.events()
    await house.core.sweeper.sweep()
    told = removals_told(house)
    assert max(len(one.content_ids) for one in told) <= 2
    assert sum(len(one.content_ids) for one in told) == 10
    assert house.core.sweeper.counts == {"contents_expired": 10}


async def test_contents_of_a_session_that_is_going_are_left_to_it(house: House):
    tia = await house.member()
    await share(house, tia, lifetime_seconds=60)
    house.hands.seconds += 60
    await house.core.endings.end([tia.session_id], "removed")
    house.told.events()
    await house.core.sweeper.sweep()
    assert house.told.events() == []
    assert house.core.sweeper.counts == {}


async def test_every_query_of_a_sweep_has_an_index(house: House):
    """Explained as they ran: with rows of each kind that is swept, and of the rest."""
    tia = await house.member()
    await house.core.contents.remove(tia, await share(house, tia))
    house.hands.seconds += WEEK
    await share(house, tia, lifetime_seconds=60)
    request = a_share()
    await house.core.sharing.share(tia, request)
    await put(house.core.chunks, tia, request.content_id, 0, a_chunk(0))
    gone = await house.member()
    await house.core.sharing.share(gone, an_inline())
    await house.core.sessions.leave(gone)
    house.hands.seconds += 86_400

    async def sweep() -> None:
        await house.core.sweeper.sweep()
        await house.store.collector.collect()

    plans = await plans_of(house, sweep())
    assert house.core.sweeper.counts == {
        "sessions_expired": 1,
        "contents_expired": 1,
        "contents_unfinished": 1,
        "removals_forgotten": 1,
    }
    assert len(plans) > 10
    assert scans(plans) == {}
    assert not any("TEMP B-TREE" in step for plan in plans.values() for step in plan)


async def test_every_query_of_a_share_has_an_index(house: House):
    tia = await house.member()
    for _ in range(3):
        await share(house, tia)
    plans = await plans_of(house, house.core.sharing.share(tia, a_share()))
    assert len(plans) > 7
    assert scans(plans) == {}


async def test_rounds_go_on_after_a_failure():
    rounds, third = 0, asyncio.Event()

    async def act() -> None:
        nonlocal rounds
        rounds += 1
        if rounds == 1:
            raise OSError("the disk has a bad hour")
        if rounds == 3:
            third.set()

    task = Rounds("test", 0, act)
    task.start()
    async with asyncio.timeout(5):
        await third.wait()
    await task.stop()
    assert rounds >= 3
    await Rounds("never started", 1, act).stop()
