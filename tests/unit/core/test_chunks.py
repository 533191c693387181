"""Chunks: stored once, in order, whatever happens at the same time."""

from __future__ import annotations

import asyncio
import os
import threading
from functools import partial
from typing import TYPE_CHECKING

import pytest

from sharethings.core.chunks import TOLD_COUNT
from sharethings.protocol.errors import (
    ChunkConflictError,
    ChunkDamagedError,
    ChunkMalformedError,
    ChunkNotFoundError,
    ContentNotFoundError,
    DigestMismatchError,
    InvalidRequestError,
)
from tests.programs import wait_until
from tests.unit.core.house import (
    CHUNK_SIZE,
    House,
    a_chunk,
    a_completion,
    a_share,
    a_stream,
    an_inline,
    chunks_of,
    left_behind,
    pieces,
    put,
    share_whole,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sharethings.records import Content


async def test_a_chunk_is_stored_once_and_given_back(house: House):
    tia = await house.member()
    request = a_share()
    await house.core.sharing.share(tia, request)
    first, other = a_chunk(0), a_chunk(0)
    fresh, stored = await put(house.core.chunks, tia, request.content_id, 0, first)
    assert (fresh, stored.stored_count, stored.stored_bytes) == (True, 1, len(first))
    fresh, _ = await put(house.core.chunks, tia, request.content_id, 0, first)
    assert not fresh
    with pytest.raises(ChunkConflictError):
        await put(house.core.chunks, tia, request.content_id, 0, other)
    chunk, place = await house.core.chunks.open(tia, request.content_id, 0)
    assert not isinstance(place, bytes)
    assert (place.read_bytes(), chunk.size) == (first, len(first))
    assert left_behind(house) == []


async def test_one_of_many_at_once_wins_and_its_bytes_stay(house: House):
    tia = await house.member()
    request = a_share()
    await house.core.sharing.share(tia, request)
    rivals = [a_chunk(0) for _ in range(12)]
    ends = await asyncio.gather(
        *(put(house.core.chunks, tia, request.content_id, 0, chunk) for chunk in rivals),
        return_exceptions=True,
    )
    won = [chunk for chunk, end in zip(rivals, ends, strict=True) if isinstance(end, tuple)]
    assert [type(end) for end in ends].count(ChunkConflictError) == 11
    _, place = await house.core.chunks.open(tia, request.content_id, 0)
    assert not isinstance(place, bytes)
    assert [place.read_bytes()] == won


@pytest.mark.parametrize(
    ("index", "chunk"),
    [
        (3, a_chunk(3, 10, last=True)),
        (-1, a_chunk(0)),
        (1, a_chunk(0)),
        (0, a_chunk(0, last=True)),
        (0, b"XX" + a_chunk(0)[2:]),
        (0, a_chunk(0, CHUNK_SIZE - 1)),
        (0, a_chunk(0, CHUNK_SIZE + 1)),
        (0, bytes(15)),
        (2, a_chunk(2, 0, last=True)),
        (2, a_chunk(2, 10)),
    ],
    ids=[
        "beyond the end",
        "before the beginning",
        "of another place",
        "last too early",
        "of another protocol",
        "too short",
        "too long",
        "no header",
        "empty last",
        "not last at the end",
    ],
)
async def test_what_does_not_fit_is_refused(house: House, index: int, chunk: bytes):
    tia = await house.member()
    request = a_share()
    await house.core.sharing.share(tia, request)
    with pytest.raises(ChunkMalformedError):
        await put(house.core.chunks, tia, request.content_id, index, chunk)
    assert left_behind(house) == []
    content = house.core.contents.get(tia, request.content_id)
    assert content.stored_count == 0


async def test_bodies_are_what_they_say(house: House):
    tia = await house.member()
    request = a_share()
    await house.core.sharing.share(tia, request)
    chunk = a_chunk(0)
    with pytest.raises(DigestMismatchError):
        await put(house.core.chunks, tia, request.content_id, 0, chunk, digest=bytes(32))
    with pytest.raises(DigestMismatchError):
        await put(house.core.chunks, tia, request.content_id, 0, chunk, body=pieces(chunk[:-1]))
    with pytest.raises(ChunkMalformedError, match="longer than its Content-Length"):
        await put(house.core.chunks, tia, request.content_id, 0, chunk, body=pieces(chunk * 2))
    assert left_behind(house) == []


async def test_chunks_are_not_more_than_their_content_declared(house: House):
    tia = await house.member()
    request = a_share(CHUNK_SIZE + 10)
    await house.core.sharing.share(tia, request)
    await put(house.core.chunks, tia, request.content_id, 0, a_chunk(0))
    with pytest.raises(ChunkMalformedError, match="larger than the content declared"):
        await put(house.core.chunks, tia, request.content_id, 1, a_chunk(1, 11, last=True))
    await put(house.core.chunks, tia, request.content_id, 1, a_chunk(1, 10, last=True))


async def test_a_complete_content_takes_no_other_chunk(house: House):
    tia = await house.member()
    request, sent = await share_whole(house, tia)
    fresh, _ = await put(house.core.chunks, tia, request.content_id, 0, sent[0])
    assert not fresh
    with pytest.raises(ChunkConflictError):
        await put(house.core.chunks, tia, request.content_id, 0, a_chunk(0))
    small = an_inline(chunk_size=CHUNK_SIZE)
    await house.core.sharing.share(tia, small)
    with pytest.raises(ChunkConflictError):
        await put(house.core.chunks, tia, small.content_id, 0, a_chunk(0, 100, last=True))


async def test_a_chunk_beyond_the_end_of_a_finished_stream_is_refused(house: House):
    tia = await house.member()
    request = a_stream()
    await house.core.sharing.share(tia, request)
    await put(house.core.chunks, tia, request.content_id, 0, a_chunk(0, 9, last=True))
    completion = a_completion(request, chunk_count=1, total_size=9 + 32)
    await house.core.contents.complete(tia, completion)
    with pytest.raises(ChunkMalformedError, match="has no chunk 1"):
        await put(house.core.chunks, tia, request.content_id, 1, a_chunk(1))


async def test_a_chunk_of_what_is_removed_meanwhile_leaves_nothing(house: House):
    tia = await house.member()
    request = a_share()
    await house.core.sharing.share(tia, request)
    chunk = a_chunk(0)

    async def slow() -> AsyncIterator[bytes]:
        yield chunk[:100]
        await house.core.contents.remove(tia, request.content_id)
        await house.store.collector.collect()
        yield chunk[100:]

    with pytest.raises(ContentNotFoundError):
        await put(house.core.chunks, tia, request.content_id, 0, chunk, body=slow())
    assert list((house.store.directory.root / "sessions").iterdir()) == []
    assert left_behind(house) == []


async def test_who_is_cut_off_while_the_row_is_written_leaves_no_row_without_bytes(house: House):
    tia = await house.member()
    request = a_share()
    await house.core.sharing.share(tia, request)
    chunk = a_chunk(0)
    held = threading.Event()

    def hold(_connection: object) -> None:
        held.wait()

    blocking = asyncio.create_task(house.store.database.write(hold))
    sending = asyncio.create_task(put(house.core.chunks, tia, request.content_id, 0, chunk))
    await asyncio.to_thread(
        wait_until, lambda: house.store.database._orders.qsize() == 1, "the row is next"
    )
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    held.set()
    await blocking
    await put(house.core.chunks, tia, request.content_id, 0, chunk)
    content = house.core.contents.get(tia, request.content_id)
    assert content.stored_count == 1
    assert house.store.files.path(content, 0).read_bytes() == chunk
    assert left_behind(house) == []


async def test_a_lost_or_cut_file_is_said_and_marked(house: House):
    tia = await house.member()
    request, sent = await share_whole(house, tia)
    content = house.core.contents.get(tia, request.content_id)
    os.truncate(house.store.files.path(content, 1), 100)
    house.store.files.path(content, 2).unlink()
    house.told.events()
    for index in (1, 2):
        with pytest.raises(ChunkDamagedError):
            await house.core.chunks.open(tia, request.content_id, index)
    assert house.told.events() == ["content:changed"]
    _, place = await house.core.chunks.open(tia, request.content_id, 0)
    assert not isinstance(place, bytes)
    assert place.read_bytes() == sent[0]


async def test_what_has_not_arrived_and_what_is_inline(house: House):
    tia = await house.member()
    request = a_share()
    await house.core.sharing.share(tia, request)
    with pytest.raises(ChunkNotFoundError):
        await house.core.chunks.open(tia, request.content_id, 0)
    with pytest.raises(InvalidRequestError):
        await house.core.chunks.open(tia, request.content_id, 2**20)
    small = an_inline()
    await house.core.sharing.share(tia, small)
    _, place = await house.core.chunks.open(tia, small.content_id, 0)
    assert isinstance(place, bytes)


async def test_progress_is_told_ten_times_a_second_and_at_the_end(house: House):
    tia = await house.member()
    request = a_share(5 * CHUNK_SIZE)
    await house.core.sharing.share(tia, request)
    house.told.events()
    for index, chunk in enumerate(chunks_of(request)):
        house.hands.seconds += 0.2 if index == 2 else 0.01
        await put(house.core.chunks, tia, request.content_id, index, chunk)
    told = [announcement.stored_count for _, announcement, _ in house.told.all]  # type: ignore[attr-defined]
    assert told == [1, 3, 5]


async def test_what_was_told_long_ago_is_forgotten(house: House):
    tia = await house.member()
    chunks = house.core.chunks
    request = a_stream()
    await house.core.sharing.share(tia, request)
    content: Content = house.core.contents.get(tia, request.content_id)
    for _ in range(TOLD_COUNT):
        chunks._told[tia.session_id, os.urandom(16).hex()] = (house.hands.seconds, 1)
    house.hands.seconds += 1
    await put(chunks, tia, content.content_id, 0, a_chunk(0))
    assert len(chunks._told) == 1


async def test_a_chunk_that_comes_again_is_answered_with_what_is_stored_by_then(house: House):
    tia = await house.member()
    request = a_share()
    await house.core.sharing.share(tia, request)
    sent = chunks_of(request)
    send = partial(put, house.core.chunks, tia, request.content_id)
    await send(0, sent[0])

    async def body() -> AsyncIterator[bytes]:
        await send(1, sent[1])
        yield sent[0]

    is_new, stored = await send(0, sent[0], body=body())
    sizes = [len(chunk) for chunk in sent[:2]]
    assert (is_new, stored.stored_count, stored.stored_bytes) == (False, 2, sum(sizes))
