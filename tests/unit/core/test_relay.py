"""Following a content that is being uploaded: every chunk once, in order, when it is stored."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sharethings.core.relay import CHUNKS_PER_LOOK
from sharethings.protocol.errors import ContentNotFoundError
from tests.unit.core.house import (
    CHUNK_SIZE,
    INLINE,
    House,
    a_chunk,
    a_completion,
    a_share,
    a_stream,
    an_inline,
    chunks_of,
    put,
    share_whole,
)

if TYPE_CHECKING:
    from sharethings.records import Member

LONG = 60.0


async def followed(
    house: House, member: Member, content_id: str, first: int = 0, quiet_seconds: float = LONG
) -> list[bytes]:
    """Give the bytes of all chunks from one on, until there are no more."""
    found: list[bytes] = []
    async with aclosing(
        house.core.chunks.relay.follow(member, content_id, first, quiet_seconds)
    ) as chunks:
        async for one in chunks:
            if one is not None:
                chunk, place = one
                assert chunk.chunk_index == first + len(found)
                found.append(place.read_bytes() if isinstance(place, Path) else place)
    return found


async def test_chunks_are_given_in_order_as_they_are_stored(house: House):
    tia = await house.member()
    request = a_share(5 * CHUNK_SIZE)
    await house.core.sharing.share(tia, request)
    sent = chunks_of(request)
    follower = house.core.chunks.relay.follow(tia, request.content_id, 0, LONG)
    async with aclosing(follower) as chunks, asyncio.timeout(LONG):
        assert await anext(chunks) is None
        for order in ((0,), (2, 1), (4, 3)):
            awaited = asyncio.create_task(anext(chunks))
            for index in order:
                await put(house.core.chunks, tia, request.content_id, index, sent[index])
            for index in sorted(order):
                one = await (awaited if index == min(order) else anext(chunks))
                assert one is not None
                chunk, place = one
                assert isinstance(place, Path)
                assert (chunk.chunk_index, place.read_bytes()) == (index, sent[index])
        assert await anext(chunks, "the end") == "the end"
    assert house.core.chunks.relay._events == {}


async def test_all_who_follow_are_given_all(house: House):
    tia = await house.member()
    request = a_share((CHUNKS_PER_LOOK + 2) * CHUNK_SIZE)
    await house.core.sharing.share(tia, request)
    sent = chunks_of(request)
    async with asyncio.timeout(LONG), asyncio.TaskGroup() as tasks:
        followers = [
            tasks.create_task(followed(house, tia, request.content_id, first)) for first in (0, 3)
        ]
        for index, chunk in enumerate(sent):
            await put(house.core.chunks, tia, request.content_id, index, chunk)
    assert [follower.result() for follower in followers] == [sent, sent[3:]]
    assert await followed(house, tia, request.content_id) == sent
    assert await followed(house, tia, request.content_id, len(sent)) == []


async def test_a_stream_ends_where_it_was_completed(house: House):
    tia = await house.member()
    request = a_stream()
    await house.core.sharing.share(tia, request)
    sent = [a_chunk(0), a_chunk(1, 9, last=True)]
    for index, chunk in enumerate(sent):
        await put(house.core.chunks, tia, request.content_id, index, chunk)
    quiet = 0
    async with aclosing(house.core.chunks.relay.follow(tia, request.content_id, 0, 0)) as chunks:
        async for one in chunks:
            if one is None and (quiet := quiet + 1) == 3:
                total = sum(map(len, sent))
                done = a_completion(request, chunk_count=2, total_size=total)
                await house.core.contents.complete(tia, done)
    assert quiet == 3


async def test_a_small_content_is_given_from_its_row(house: House):
    tia = await house.member()
    request = an_inline()
    await house.core.sharing.share(tia, request)
    assert await followed(house, tia, request.content_id) == [INLINE]


async def test_it_ends_when_the_content_is_gone_or_damaged(house: House):
    tia = await house.member()
    with pytest.raises(ContentNotFoundError):
        await followed(house, tia, "f" * 32)
    request, sent = await share_whole(house, tia)
    place = house.store.files.open(house.core.contents.get(tia, request.content_id), 1)
    place.unlink()
    assert await followed(house, tia, request.content_id) == sent[:1]
    request = a_share()
    await house.core.sharing.share(tia, request)
    waited = house.core.chunks.relay.follow(tia, request.content_id, 0, 0)
    async with aclosing(waited) as chunks:
        assert await anext(chunks) is None
        assert await anext(chunks) is None
        await house.core.contents.remove(tia, request.content_id)
        assert await anext(chunks, "the end") == "the end"


async def test_it_ends_when_the_server_does(house: House):
    tia = await house.member()
    request = a_share()
    await house.core.sharing.share(tia, request)
    async with aclosing(house.core.chunks.relay.follow(tia, request.content_id, 0, 0)) as chunks:
        assert await anext(chunks) is None
        assert await anext(chunks) is None
        house.core.chunks.relay.close()
        assert await anext(chunks, "the end") == "the end"
