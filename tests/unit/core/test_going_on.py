"""Going on with an upload: whoever shares it again sends it from then on, and keeps it alive."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sharethings.protocol.announcements import ContentChanged
from sharethings.protocol.errors import ContentNotFoundError, StorageFullError, ThrottledError
from tests.unit.core.house import House, a_chunk, a_share, a_stream, put, share_whole

if TYPE_CHECKING:
    from pathlib import Path

    from sharethings.records import Member


async def at_the_same_time(house: House) -> tuple[Member, Member]:
    """Give two members of one session; what was told of it is forgotten."""
    passphrase = await house.create()
    (tia, _), (ada, _) = await house.join(passphrase), await house.join(passphrase)
    house.told.events()
    return tia, ada


async def test_who_comes_back_is_the_sender_again(house: House):
    before, after = await at_the_same_time(house)
    request = a_share()
    shared = await house.core.sharing.share(before, request)
    await put(house.core.chunks, before, request.content_id, 0, a_chunk(0))
    house.told.all.clear()
    taken = await house.core.sharing.share(after, request)
    assert (taken.sender, taken.stored_count) == (after.member_id, 1)
    assert taken.revision == shared.revision + 1
    assert taken.position == shared.position
    ((_, told, _),) = house.told.all
    assert isinstance(told, ContentChanged)
    assert (told.revision, told.content.sender) == (taken.revision, after.member_id)
    assert house.core.contents.get(before, request.content_id).sender == after.member_id


async def test_the_sender_who_shares_again_changes_nothing(house: House):
    tia, _ = await at_the_same_time(house)
    for request in (a_share(), a_stream()):
        shared = await house.core.sharing.share(tia, request)
        house.told.events()
        assert await house.core.sharing.share(tia, request) == shared
        assert house.told.events() == []


async def test_what_is_complete_keeps_its_sender(house: House):
    tia, ada = await at_the_same_time(house)
    request, _ = await share_whole(house, tia)
    house.told.events()
    again = await house.core.sharing.share(ada, request)
    assert (again.state, again.sender) == ("complete", tia.member_id)
    assert house.told.events() == []


async def test_an_upload_that_pauses_is_kept_by_sharing_it_again(house: House):
    tia, ada = await at_the_same_time(house)
    kept, taken, left = a_share(), a_share(), a_share()
    for request in (kept, taken, left):
        await house.core.sharing.share(tia, request)
    for _ in range(3):
        house.hands.seconds += house.settings.unfinished_seconds - 1
        await house.core.sharing.share(tia, kept)
        await house.core.sharing.share(ada, taken)
        await house.core.sweeper.sweep()
    for request in (kept, taken):
        house.core.contents.get(tia, request.content_id)
    with pytest.raises(ContentNotFoundError):
        house.core.contents.get(tia, left.content_id)
    house.hands.seconds += house.settings.unfinished_seconds
    await house.core.sweeper.sweep()
    with pytest.raises(ContentNotFoundError):
        await house.core.sharing.share(tia, kept)


async def test_what_was_taken_up_counts_among_the_uploads_of_who_took_it(house: House):
    tia, ada = await at_the_same_time(house)
    count = house.settings.unfinished_uploads_count
    uploads = [a_share() for _ in range(count)]
    for request in uploads:
        await house.core.sharing.share(tia, request)
    mine = a_share()
    await house.core.sharing.share(ada, mine)
    for request in uploads[1:]:
        await house.core.sharing.share(ada, request)
    with pytest.raises(ThrottledError):
        await house.core.sharing.share(ada, uploads[0])
    assert house.core.contents.get(tia, uploads[0].content_id).sender == tia.member_id
    await house.core.sharing.share(ada, mine)
    await house.core.contents.remove(ada, mine.content_id)
    await house.core.sharing.share(ada, uploads[0])
    for _ in range(count):
        await house.core.sharing.share(tia, a_share())


async def test_a_disk_that_takes_nothing_new_lets_an_upload_go_on(tmp_path: Path):
    request = a_share()
    async with House(tmp_path / "data") as house:
        passphrase = await house.create()
        tia, _ = await house.join(passphrase)
        await house.core.sharing.share(tia, request)
    async with House(tmp_path / "data", free_content_bytes=2**60) as house:
        tia, _ = await house.join(passphrase)
        with pytest.raises(StorageFullError):
            await house.core.sharing.share(tia, a_share())
        taken = await house.core.sharing.share(tia, request)
        assert taken.sender == tia.member_id
        await put(house.core.chunks, tia, request.content_id, 0, a_chunk(0))
