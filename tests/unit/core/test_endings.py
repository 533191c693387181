"""Sessions that end: gone at once for everybody, then row by row."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import pytest

from sharethings.core import endings
from sharethings.core.announce import Announce
from sharethings.protocol import requests
from sharethings.protocol.announcements import Announcement, MemberJoined, SessionEnded
from sharethings.protocol.errors import BusyError, NotJoinedError, WrongPassphraseError
from sharethings.protocol.ids import encode_bytes
from sharethings.server import compose
from sharethings.storage.tables import chunks, contents, garbage, removals, sessions
from tests.unit.core.house import (
    ADDRESS,
    House,
    Passphrase,
    a_chunk,
    a_share,
    an_inline,
    ask,
    put,
    share_whole,
)

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from pathlib import Path

    from sqlalchemy import Table

    from sharethings.records import Member

DAY = 86_400


async def count(house: House, table: Table) -> int:
    """Count rows."""
    total: int = await ask(house, f"SELECT count(*) FROM {table.name}")  # noqa: S608 - our own
    return total


async def exists(house: House, passphrase: Passphrase) -> bool:
    """Say hello."""
    nonce = encode_bytes(bytes(32))
    request = requests.SessionHello(session_id=passphrase.session_id, client_nonce=nonce)
    _, reply = await house.core.sessions.hello(request)
    return reply.exists


async def test_a_session_expires_when_its_members_have_been_gone_for_its_time(house: House):
    passphrase = await house.create(idle_seconds=600)
    member, _ = await house.join(passphrase)
    house.hands.seconds += 601
    await house.core.sweeper.sweep()
    assert await exists(house, passphrase)
    await house.core.sessions.leave(member)
    house.hands.seconds += 599
    await house.core.sweeper.sweep()
    assert await exists(house, passphrase)
    house.hands.seconds += 1
    await house.core.sweeper.sweep()
    assert not await exists(house, passphrase)
    assert house.core.sweeper.counts == {"sessions_expired": 1}


async def test_a_session_without_a_limit_stays(house: House):
    passphrase = await house.create(idle_seconds=0)
    house.hands.seconds += 100 * 365 * DAY
    await house.core.sweeper.sweep()
    assert await exists(house, passphrase)


async def test_after_a_restart_a_session_has_its_full_time_again(tmp_path: Path):
    async with House(tmp_path / "data") as house:
        passphrase = await house.create(idle_seconds=600)
    hands = house.hands
    hands.seconds += 10 * DAY
    async with House(tmp_path / "data") as later:
        later.hands.seconds = hands.seconds
        await later.core.endings.refresh()
        later.hands.seconds += 599
        await later.core.sweeper.sweep()
        assert await exists(later, passphrase)
        later.hands.seconds += 1
        await later.core.sweeper.sweep()
        assert not await exists(later, passphrase)


async def test_who_is_in_an_ended_session_is_told_and_out(house: House):
    passphrase = await house.create()
    tia, joined = await house.join(passphrase)
    house.told.events()
    assert await house.core.endings.end([passphrase.session_id], "removed") == [
        passphrase.session_id
    ]
    assert house.told.all == [(passphrase.session_id, SessionEnded(reason="removed"), None)]
    with pytest.raises(NotJoinedError):
        house.core.tokens.resolve(joined.token)
    with pytest.raises(NotJoinedError):
        await house.core.sharing.share(tia, an_inline())
    with pytest.raises(WrongPassphraseError):
        await house.prove(passphrase)
    house.told.events()
    await house.core.sessions.leave(tia)
    assert house.told.events() == []
    assert await house.core.endings.end([passphrase.session_id], "removed") == []


async def test_other_sessions_keep_their_tokens(house: House):
    other, joined = await house.join(await house.create())
    await house.core.endings.end([(await house.create()).session_id], "removed")
    assert house.core.tokens.resolve(joined.token) == other


async def test_who_comes_in_while_the_session_ends_is_not_in(tmp_path: Path):
    """The session ends between a guest's change of the revision and the reply to the join."""

    async with House(tmp_path / "data") as house:

        class EndsAtAJoin(Announce):
            async def __call__(
                self, session_id: str, announcement: Announcement, *, skip: str | None = None
            ) -> None:
                del skip
                if isinstance(announcement, MemberJoined):
                    await house.core.endings.end([session_id], "removed")

        clock = house.hands.clock()
        house.core = compose(house.store, EndsAtAJoin(), house.settings, clock)
        passphrase = await house.create()
        with pytest.raises(NotJoinedError):
            await house.join(passphrase)


async def test_who_has_listed_when_the_session_ends_is_not_in(house: House):
    """The page was read before the end, and the reply comes after it."""
    passphrase = await house.create()
    guest = await house.prove(passphrase)
    arrived, ended = asyncio.Event(), asyncio.Event()
    listing = house.core.sessions.list_contents

    async def listed_before(member: Member, *, since: int | None = None) -> object:
        page = await listing(member, since=since)
        arrived.set()
        await ended.wait()
        return page

    house.core.sessions.list_contents = listed_before  # type: ignore[method-assign,assignment]
    entering = asyncio.create_task(house.core.sessions.enter(guest, None))
    await arrived.wait()
    await house.core.endings.end([passphrase.session_id], "removed")
    ended.set()
    with pytest.raises(NotJoinedError):
        await entering


async def test_leaving_a_session_that_has_just_ended_says_nothing(house: House):
    member = await house.member()
    ending = asyncio.create_task(house.core.endings.end([member.session_id], "removed"))
    await asyncio.sleep(0)  # it is under way
    await asyncio.gather(ending, house.core.sessions.leave(member))
    assert house.told.events() == ["session:ended"]


async def test_a_quiet_session_ends_unless_somebody_is_there_or_was_since(house: House):
    quiet, left, lived = [await house.create() for _ in range(3)]
    await house.join(lived)
    member, _ = await house.join(left)
    bound = int(house.hands.seconds * 1000)
    house.hands.seconds += 1
    await house.core.sessions.leave(member)
    ids = [one.session_id for one in (quiet, left, lived)]
    assert await house.core.endings.end(ids, "removed", quiet_since=bound) == ids[:1]
    assert [await exists(house, one) for one in (quiet, left, lived)] == [False, True, True]
    assert await house.core.endings.end(ids[1:], "removed", quiet_since=bound + 1000) == ids[1:2]


@pytest.mark.parametrize("by_clock", [False, True])
async def test_who_gives_up_while_a_session_ends_leaves_nobody_in_it(house: House, by_clock: bool):
    member, _ = await house.join(await house.create(idle_seconds=600))
    ending: Coroutine[Any, Any, object]
    if by_clock:
        await house.core.sessions.leave(member)
        house.hands.seconds += 600
        ending = house.core.endings.expire()
    else:
        ending = house.core.endings.end([member.session_id], "removed")
    house.told.events()
    begun, held = threading.Event(), threading.Event()

    def hold(_connection: object) -> None:
        begun.set()
        held.wait()

    holding = asyncio.create_task(house.store.database.write(hold))
    act = asyncio.create_task(ending)
    await asyncio.to_thread(begun.wait)
    act.cancel()
    await asyncio.wait([act])
    held.set()
    await holding
    await house.store.database.write(lambda _: None)  # behind the one that ends it
    assert act.cancelled()
    assert house.told.events() == ["session:ended"]
    assert not house.core.presence.is_here(member)


async def test_a_name_is_free_when_all_rows_are_gone(house: House):
    passphrase = await house.create()
    await house.core.endings.end([passphrase.session_id], "removed")
    with pytest.raises(BusyError) as refused:
        await house.core.sessions.create(passphrase.creation(), ADDRESS)
    assert refused.value.failure().retry_after_seconds == 1
    while await house.core.endings.take_away():
        pass
    assert (await house.core.sessions.create(passphrase.creation(), ADDRESS)).created


async def test_the_bytes_of_an_expired_session_leave_the_disk(house: House):
    passphrase = await house.create(idle_seconds=600)
    tia, _ = await house.join(passphrase)
    _, sent = await share_whole(house, tia)
    _, other = await share_whole(house, await house.member())
    unfinished = a_share()
    await house.core.sharing.share(tia, unfinished)
    await put(house.core.chunks, tia, unfinished.content_id, 0, a_chunk(0))
    for _ in range(3):
        await house.core.sharing.share(tia, an_inline())
    request, _ = await share_whole(house, tia)
    await house.core.contents.remove(tia, request.content_id)
    await house.core.sessions.leave(tia)
    house.hands.seconds += 600
    await house.core.sweeper.sweep()
    await house.store.collector.stop()
    await house.store.collector.collect()
    root = house.store.directory.root
    assert not (root / "sessions" / passphrase.session_id).exists()
    held = [path.read_bytes() for path in root.rglob("*.bin")]
    assert sorted(held) == sorted(other)
    assert [await count(house, table) for table in (sessions, contents, removals, garbage)] == [
        1,
        1,
        0,
        0,
    ]
    assert await count(house, chunks) == len(other) == len(sent)


async def test_rows_go_a_bounded_number_at_a_time(house: House, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(endings, "CONTENTS_PER_BATCH", 2)
    await house.store.collector.stop()
    tia = await house.member()
    for size in (40_000, 40_000, 100, 100):
        await share_whole(house, tia, size)
    left = [await count(house, contents)]
    await house.core.endings.end([tia.session_id], "removed")
    while await house.core.endings.take_away():
        left.append(await count(house, contents))
    assert left == [4, 2, 0, 0, 0]
    assert await count(house, sessions) == 0
