"""The same file twice in a session: contents that share a blob (protocol.md 8)."""

from __future__ import annotations

import asyncio
import secrets
import threading
from functools import partial
from typing import TYPE_CHECKING

import pytest

from sharethings.protocol.errors import (
    ChunkConflictError,
    ChunkNotFoundError,
    ChunksMissingError,
    ContentConflictError,
    ContentNotFoundError,
    InvalidRequestError,
    QuotaError,
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
    ask,
    chunks_of,
    pieces,
    put,
    share_whole,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from sharethings.protocol import requests
    from sharethings.records import Content, Member

MIB = 2**20


def another(request: requests.ContentShare) -> requests.ContentShare:
    """Give a request that shares the same bytes as another content."""
    return a_share(
        blob_id=request.blob_id,
        chunk_size=request.chunk_size,
        chunk_count=request.chunk_count,
        total_size=request.total_size,
    )


async def row(house: House, member: Member, request: requests.ContentShare) -> Content:
    """Give a content's row."""
    return house.core.contents.get(member, request.content_id)


def blobs_on_disk(house: House, member: Member) -> list[str]:
    """Give the names of the folders of a session."""
    folder = house.store.directory.root / "sessions" / member.session_id
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


async def reserved(house: House, member: Member) -> int:
    """Give the bytes that the session holds or was promised."""
    size: int = await ask(
        house, "SELECT reserved_bytes FROM sessions WHERE session_id = ?", member.session_id
    )
    return size


def is_waiting(house: House, count: int) -> bool:
    """Say whether so many jobs wait for the writer."""
    return house.store.database._orders.qsize() == count


async def test_what_is_stored_already_is_not_sent_again(house: House):
    tia = await house.member()
    first, sent = await share_whole(house, tia)
    second = another(first)
    content = await house.core.sharing.share(tia, second)
    missing = await house.core.contents.missing(content)
    assert (missing.missing, missing.missing_count, missing.state) == ([], 0, "uploading")
    await house.core.contents.complete(tia, a_completion(second))
    for index, chunk in enumerate(sent):
        _, place = await house.core.chunks.open(tia, second.content_id, index)
        assert not isinstance(place, bytes)
        assert place.read_bytes() == chunk
    assert blobs_on_disk(house, tia) == [first.blob_id]


async def test_a_chunk_counts_for_every_content_of_its_blob(house: House):
    tia = await house.member()
    first = a_share()
    second = another(first)
    sent = chunks_of(first)
    await house.core.sharing.share(tia, first)
    await put(house.core.chunks, tia, first.content_id, 0, sent[0])
    assert (await house.core.sharing.share(tia, second)).stored_count == 1
    house.told.events()
    for index in (1, 2):
        _, stored = await put(house.core.chunks, tia, second.content_id, index, sent[index])
        assert stored.stored_count == index + 1
    told = {
        (announcement.content_id, announcement.stored_count)  # type: ignore[attr-defined]
        for _, announcement, _ in house.told.all
    }
    assert {(first.content_id, 3), (second.content_id, 3)} <= told
    for request in (first, second):
        await house.core.contents.complete(tia, a_completion(request))
        assert (await row(house, tia, request)).state == "complete"
    with pytest.raises(ChunkConflictError):
        await put(house.core.chunks, tia, second.content_id, 0, a_chunk(0))


async def test_bytes_go_with_the_last_content_that_has_them(house: House):
    tia = await house.member()
    first, sent = await share_whole(house, tia)
    second = another(first)
    await house.core.sharing.share(tia, second)
    await house.core.contents.complete(tia, a_completion(second))
    assert await reserved(house, tia) == first.total_size
    await house.core.contents.remove(tia, first.content_id)
    await house.store.collector.collect()
    _, place = await house.core.chunks.open(tia, second.content_id, 0)
    assert not isinstance(place, bytes)
    assert place.read_bytes() == sent[0]
    assert await reserved(house, tia) == first.total_size
    await house.core.contents.remove(tia, second.content_id)
    await house.store.collector.collect()
    assert blobs_on_disk(house, tia) == []
    assert await reserved(house, tia) == 0


async def test_an_unfinished_content_leaves_its_chunks_to_the_other(house: House):
    tia = await house.member()
    first = a_share()
    sent = chunks_of(first)
    await house.core.sharing.share(tia, first)
    await put(house.core.chunks, tia, first.content_id, 0, sent[0])
    second = another(first)
    await house.core.sharing.share(tia, second)
    await house.core.contents.remove(tia, first.content_id)
    with pytest.raises(ContentNotFoundError):
        await put(house.core.chunks, tia, first.content_id, 1, sent[1])
    with pytest.raises(ChunksMissingError) as caught:
        await house.core.contents.complete(tia, a_completion(second))
    assert caught.value.details == {"missing": [(1, 2)], "missing_count": 2}


async def test_bytes_are_promised_once(tmp_path: Path):
    async with House(tmp_path / "data", session_bytes=MIB) as house:
        tia = await house.member()
        request = a_share(900_000)
        await house.core.sharing.share(tia, request)
        await house.core.sharing.share(tia, another(request))
        with pytest.raises(QuotaError):
            await house.core.sharing.share(tia, a_share(900_000))


async def test_a_clear_takes_shared_bytes_once(house: House):
    tia = await house.member()
    first, _ = await share_whole(house, tia)
    await house.core.sharing.share(tia, another(first))
    await house.core.contents.clear(tia)
    await house.store.collector.collect()
    assert blobs_on_disk(house, tia) == []
    assert await reserved(house, tia) == 0


@pytest.mark.parametrize(
    "other",
    [
        {"chunk_size": CHUNK_SIZE * 2, "chunk_count": 2, "total_size": 40_064},
        {"total_size": 40_097},
        {"chunk_count": None, "total_size": None},
    ],
    ids=["another chunk size", "another size", "a size that is not known"],
)
async def test_what_is_cut_differently_is_no_equal_file(house: House, other: dict[str, int | None]):
    tia = await house.member()
    first = a_share()
    await house.core.sharing.share(tia, first)
    with pytest.raises(ContentConflictError, match="cut into other chunks"):
        await house.core.sharing.share(tia, a_share(40_000, blob_id=first.blob_id, **other))


async def test_streams_and_small_contents_share_with_nobody(house: House):
    tia = await house.member()
    stream, small = a_stream(), an_inline()
    await house.core.sharing.share(tia, stream)
    await house.core.sharing.share(tia, small)
    for request in (
        a_stream(blob_id=stream.blob_id),
        a_share(100, blob_id=small.blob_id, total_size=small.total_size),
    ):
        with pytest.raises(ContentConflictError):
            await house.core.sharing.share(tia, request)


async def test_a_session_may_store_every_content_by_itself(house: House):
    passphrase = await house.create(deduplicates=False)
    tia, _ = await house.join(passphrase)
    with pytest.raises(InvalidRequestError, match="by itself"):
        await house.core.sharing.share(tia, a_share(blob_id=secrets.token_hex(16)))
    await share_whole(house, tia)


async def test_what_is_shared_again_before_it_left_the_disk_is_sent_again(house: House):
    tia = await house.member()
    first, sent = await share_whole(house, tia)
    await house.core.contents.remove(tia, first.content_id)
    second = another(first)
    content = await house.core.sharing.share(tia, second)
    assert (await house.core.contents.missing(content)).missing == [(0, 2)]
    with pytest.raises(ChunkNotFoundError):
        await house.core.chunks.open(tia, second.content_id, 0)
    await put(house.core.chunks, tia, second.content_id, 0, sent[0])
    await house.store.collector.collect()
    _, place = await house.core.chunks.open(tia, second.content_id, 0)
    assert not isinstance(place, bytes)
    assert place.read_bytes() == sent[0]


@pytest.mark.parametrize("shared_first", [True, False])
async def test_a_folder_leaves_before_its_blob_is_shared_again(house: House, *, shared_first: bool):
    """The share has its turn before the collector, or right after it."""
    await house.store.collector.stop()
    tia = await house.member()
    first, sent = await share_whole(house, tia)
    await house.core.contents.remove(tia, first.content_id)
    second = another(first)
    holding, held = threading.Event(), threading.Event()

    def hold(_connection: object) -> None:
        holding.set()
        held.wait()

    acts = [asyncio.create_task(house.store.database.write(hold))]
    await asyncio.to_thread(holding.wait)
    rivals = [house.core.sharing.share(tia, second), house.store.collector.collect()]
    try:
        for number, act in enumerate(rivals if shared_first else rivals[::-1], start=1):
            acts.append(asyncio.create_task(act))  # type: ignore[arg-type]
            await asyncio.to_thread(wait_until, partial(is_waiting, house, number), "it waits")
    finally:
        held.set()
    await asyncio.gather(*acts)
    await put(house.core.chunks, tia, second.content_id, 0, sent[0])
    await house.store.collector.collect()
    _, place = await house.core.chunks.open(tia, second.content_id, 0)
    assert not isinstance(place, bytes)
    assert place.read_bytes() == sent[0]
    left = [path.name for path in place.parent.iterdir()]
    assert left == [place.name]


async def test_a_late_chunk_of_what_was_removed_does_not_count_for_its_successor(house: House):
    tia = await house.member()
    first = a_share()
    await house.core.sharing.share(tia, first)
    sent = chunks_of(first)
    second = another(first)

    async def slow() -> AsyncIterator[bytes]:
        async for piece in pieces(sent[0]):
            yield piece
        await house.core.contents.remove(tia, first.content_id)
        await house.core.sharing.share(tia, second)

    with pytest.raises(ContentNotFoundError):
        await put(house.core.chunks, tia, first.content_id, 0, sent[0], body=slow())
    assert (await row(house, tia, second)).stored_count == 0
