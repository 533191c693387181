"""Shares that are begun one after the other, none waiting for the one before."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from sharethings.protocol.announcements import ContentChanged, ContentRemoved
from sharethings.protocol.errors import InvalidRequestError, QuotaError
from sharethings.records import CONTENT_BYTES
from tests.files import MIB
from tests.unit.core.house import House, a_share

if TYPE_CHECKING:
    from pathlib import Path


async def test_they_are_done_and_told_in_their_order_whoever_waits_first(house: House):
    tia, _ = await house.join(await house.create(contents_max=2, drops_oldest=True))
    house.told.events()
    asked = [a_share(100) for _ in range(6)]
    begun = [await house.core.sharing.begin(tia, request) for request in asked]
    ended = await asyncio.gather(*reversed(begun))
    assert [one.content_id for one in reversed(ended)] == [one.content_id for one in asked]
    assert [one.revision for one in reversed(ended)] == sorted(one.revision for one in ended)
    told = [one for _, one, _ in house.told.all]
    revisions = [one.revision for one in told if isinstance(one, (ContentChanged, ContentRemoved))]
    assert revisions == list(range(revisions[0], revisions[0] + 6 + 4))


async def test_the_later_of_two_with_the_same_id_finds_the_first(house: House):
    tia = await house.member()
    request = a_share(100)
    begun = [await house.core.sharing.begin(tia, request) for _ in range(2)]
    first, second = await asyncio.gather(*begun)
    assert first.revision == second.revision
    assert house.told.events() == ["content:changed"]


async def test_each_fails_alone_and_gives_back_what_it_took(tmp_path: Path):
    async with House(tmp_path, address_bytes_per_day=MIB) as house:
        tia = await house.member()
        small, large, last = a_share(100), a_share(MIB), a_share(200)
        begun = [await house.core.sharing.begin(tia, one) for one in (small, large, last)]
        with pytest.raises(InvalidRequestError):
            await house.core.sharing.share(tia, a_share(100, chunk_size=20_000))
        ended = await asyncio.gather(*begun, return_exceptions=True)
        assert isinstance(ended[1], QuotaError)
        assert [one.content_id for one in ended if not isinstance(one, BaseException)] == [
            small.content_id,
            last.content_id,
        ]
        house.core.space.check_day(tia, MIB - 2 * CONTENT_BYTES - 364)


async def test_whose_blob_was_removed_just_now_comes_after_the_others(house: House):
    tia = await house.member()
    removed, other = a_share(100), a_share(100)
    await house.core.sharing.share(tia, removed)
    await house.core.contents.remove(tia, removed.content_id)
    same = a_share(100, blob_id=removed.blob_id)
    begun = [await house.core.sharing.begin(tia, one) for one in (same, other)]
    again, first = await asyncio.gather(*begun)
    assert first.revision < again.revision
