"""Shared blobs when contents go by themselves: expired, displaced, with their session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.unit.core.house import House, a_completion, a_share, ask, put, share_whole

if TYPE_CHECKING:
    from sharethings.protocol import requests
    from sharethings.records import Member


async def twice(
    house: House, member: Member, **changes: int
) -> tuple[requests.ContentShare, requests.ContentShare]:
    """Share the same bytes twice, the second time with a lifetime or the like."""
    first, _ = await share_whole(house, member)
    second = a_share(blob_id=first.blob_id, **changes)
    await house.core.sharing.share(member, second)
    await house.core.contents.complete(member, a_completion(second))
    return first, second


def folders(house: House) -> int:
    """Count the blobs on the disk."""
    return len(list((house.store.directory.root / "sessions").glob("*/*")))


async def reserved(house: House) -> int:
    """Give the bytes that the only session holds."""
    size: int = await ask(house, "SELECT reserved_bytes FROM sessions")
    return size


async def test_bytes_stay_for_the_content_that_does_not_expire(house: House):
    tia = await house.member()
    first, second = await twice(house, tia, lifetime_seconds=60)
    house.hands.seconds += 61
    await house.core.sweeper.sweep()
    await house.store.collector.collect()
    assert house.core.contents.get(tia, first.content_id).state == "complete"
    assert (folders(house), await reserved(house)) == (1, second.total_size)


async def test_bytes_go_once_with_all_that_expire(house: House):
    tia = await house.member()
    request = a_share(lifetime_seconds=60)
    await house.core.sharing.share(tia, request)
    for _ in range(3):
        same = a_share(blob_id=request.blob_id, lifetime_seconds=60)
        await house.core.sharing.share(tia, same)
    house.hands.seconds += 61
    await house.core.sweeper.sweep()
    await house.store.collector.collect()
    assert (folders(house), await reserved(house)) == (0, 0)


async def test_a_content_may_displace_the_one_that_has_its_bytes(house: House):
    passphrase = await house.create(contents_max=1, drops_oldest=True)
    tia, _ = await house.join(passphrase)
    first, sent = await share_whole(house, tia)
    second = a_share(blob_id=first.blob_id)
    await house.core.sharing.share(tia, second)
    await house.store.collector.collect()
    for index, chunk in enumerate(sent):
        await put(house.core.chunks, tia, second.content_id, index, chunk)
    await house.core.contents.complete(tia, a_completion(second))
    _, place = await house.core.chunks.open(tia, second.content_id, 1)
    assert not isinstance(place, bytes)
    assert place.read_bytes() == sent[1]
    assert (folders(house), await reserved(house)) == (1, second.total_size)


async def test_bytes_go_with_their_session(house: House):
    tia = await house.member()
    await twice(house, tia)
    await house.core.endings.end([tia.session_id], "removed")
    while await house.core.endings.take_away():
        pass
    await house.store.collector.collect()
    assert folders(house) == 0
