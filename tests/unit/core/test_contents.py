"""Contents: shared, completed, listed, renamed, pinned, removed, cleared."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from sharethings.protocol import requests
from sharethings.protocol.announcements import ContentChanged
from sharethings.protocol.errors import (
    ChunksMissingError,
    ContentConflictError,
    ContentNotFoundError,
    InvalidRequestError,
    LimitReachedError,
    NotJoinedError,
    PinLimitError,
    QuotaError,
    RevisionConflictError,
    StorageFullError,
    ThrottledError,
)
from sharethings.protocol.ids import encode_bytes
from tests.unit.core.house import (
    CHUNK_SIZE,
    INLINE,
    House,
    a_chunk,
    a_completion,
    a_manifest,
    a_share,
    a_stream,
    an_inline,
    chunks_of,
    forget,
    put,
    share_whole,
)

if TYPE_CHECKING:
    from pathlib import Path

    from sharethings.records import Content, Member


async def listed(house: House, member: Member) -> list[str]:
    """Give the ids of all contents, newest first."""
    page = await house.core.sessions.list_contents(member)
    return [one.content_id for one in page.contents]


async def row(house: House, member: Member, content_id: str) -> Content:
    """Give a content's row."""
    return house.core.contents.get(member, content_id)


async def test_a_share_is_told_once_and_answered_with_what_is_missing(house: House):
    tia = await house.member()
    request = a_share()
    content = await house.core.sharing.share(tia, request)
    missing = await house.core.contents.missing(content)
    assert (missing.missing, missing.missing_count, missing.state) == ([(0, 2)], 3, "uploading")
    await put(house.core.chunks, tia, request.content_id, 1, chunks_of(request)[1])
    again = await house.core.sharing.share(tia, request)
    missing = await house.core.contents.missing(again)
    assert (missing.missing, missing.missing_count) == ([(0, 0), (2, 2)], 2)
    assert house.told.events() == ["content:changed", "content:progressed"]
    with pytest.raises(ContentConflictError):
        await house.core.sharing.share(
            tia, a_share(content_id=request.content_id, blob_id=request.content_id)
        )


async def test_a_stream_says_its_size_at_the_end(house: House):
    tia = await house.member()
    request = a_stream()
    content = await house.core.sharing.share(tia, request)
    assert (await house.core.contents.missing(content)).missing_count is None
    sent = [a_chunk(0), a_chunk(1, 5, last=True)]
    for index, chunk in enumerate(sent):
        await put(house.core.chunks, tia, request.content_id, index, chunk)
    size = sum(map(len, sent))
    completion = a_completion(request, chunk_count=2, total_size=size)
    await house.core.contents.complete(tia, completion)
    content = await row(house, tia, request.content_id)
    assert (content.state, content.chunk_count, content.total_size) == ("complete", 2, size)
    assert (await house.core.contents.missing(content)).missing == []


@pytest.mark.parametrize(
    "request_",
    [
        an_inline(blob_id="0" * 32),
        a_share(chunk_size=20_000),
        a_share(chunk_count=None),
        a_share(total_size=None),
        a_share(total_size=5),
        a_share(total_size=3 * (CHUNK_SIZE + 32) + 1),
        a_share(manifest=encode_bytes(b"ST\x01\x05" + bytes(100))),
        a_share(manifest=encode_bytes(b"ST\x01\x04" + bytes(20))),
        an_inline(chunk_count=2),
        an_inline(total_size=len(INLINE) + 1),
    ],
    ids=[
        "an inline chunk of another blob",
        "a chunk size that is no power of two",
        "a size without a count",
        "a count without a size",
        "too small a size",
        "too large a size",
        "a manifest of another kind",
        "a manifest that is too short",
        "an inline chunk of two",
        "an inline chunk of another size",
    ],
)
async def test_what_cannot_be_a_content_is_refused(house: House, request_: requests.ContentShare):
    tia = await house.member()
    with pytest.raises(InvalidRequestError):
        await house.core.sharing.share(tia, request_)
    assert await listed(house, tia) == []


async def test_a_first_manifest_has_revision_1(house: House):
    with pytest.raises(RevisionConflictError):
        await house.core.sharing.share(await house.member(), a_share(manifest=a_manifest(2)))


async def test_a_small_content_is_complete_at_once(house: House):
    tia = await house.member()
    request = an_inline()
    content = await house.core.sharing.share(tia, request)
    assert (content.state, content.stored_count) == ("complete", 1)
    (shown,) = (await house.core.sessions.list_contents(tia)).contents
    assert shown.chunk == request.chunk
    assert not list((house.store.directory.root / "sessions").iterdir())


async def test_a_session_holds_so_many_contents_and_bytes(tmp_path: Path):
    async with House(tmp_path / "data", contents_count=2, session_bytes=2**20) as house:
        tia = await house.member()
        with pytest.raises(QuotaError) as caught:
            await house.core.sharing.share(tia, a_share(2**20))
        assert caught.value.details == {"limit_bytes": 2**20, "available_bytes": 2**20}
        first = an_inline()
        await house.core.sharing.share(tia, first)
        await house.core.sharing.share(tia, an_inline())
        with pytest.raises(LimitReachedError, match="already holds 2 contents"):
            await house.core.sharing.share(tia, an_inline())
        await house.core.contents.remove(tia, first.content_id)
        await house.core.sharing.share(tia, an_inline())


async def test_a_member_sends_so_many_at_the_same_time(tmp_path: Path):
    async with House(tmp_path / "data", unfinished_uploads_count=1) as house:
        tia = await house.member()
        await house.core.sharing.share(tia, a_share())
        with pytest.raises(ThrottledError, match="1 uploads are under way"):
            await house.core.sharing.share(tia, a_share())
        await house.core.sharing.share(tia, an_inline())


async def test_a_full_disk_takes_no_new_content(tmp_path: Path):
    async with House(tmp_path / "data", free_content_bytes=2**60) as house:
        with pytest.raises(StorageFullError):
            await house.core.sharing.share(await house.member(), an_inline())


async def test_completion_needs_every_chunk_and_the_sum(house: House):
    tia = await house.member()
    request = a_share()
    await house.core.sharing.share(tia, request)
    with pytest.raises(ChunksMissingError) as caught:
        await house.core.contents.complete(tia, a_completion(request))
    assert caught.value.details == {"missing": [(0, 2)], "missing_count": 3}
    for index, chunk in enumerate(chunks_of(request)):
        await put(house.core.chunks, tia, request.content_id, index, chunk)
    assert request.total_size is not None
    wrong = a_completion(request, total_size=request.total_size - 1)
    with pytest.raises(ContentConflictError, match="3 chunks of 40096 bytes"):
        await house.core.contents.complete(tia, wrong)
    with pytest.raises(RevisionConflictError):
        await house.core.contents.complete(tia, a_completion(request, manifest=a_manifest(3)))
    done = a_completion(request)
    first, second = await asyncio.gather(
        house.core.contents.complete(tia, done), house.core.contents.complete(tia, done)
    )
    assert first == second
    assert await house.core.contents.complete(tia, done) == first
    with pytest.raises(ContentConflictError):
        await house.core.contents.complete(tia, a_completion(request))


async def test_only_what_is_complete_is_renamed(house: House):
    tia = await house.member()
    unfinished = a_share()
    await house.core.sharing.share(tia, unfinished)
    rename = requests.ContentRename(content_id=unfinished.content_id, manifest=a_manifest(2))
    with pytest.raises(ContentConflictError, match="when it is complete"):
        await house.core.contents.rename(tia, rename)
    request, _ = await share_whole(house, tia)
    rename = requests.ContentRename(content_id=request.content_id, manifest=a_manifest(3))
    first = await house.core.contents.rename(tia, rename)
    assert await house.core.contents.rename(tia, rename) == first
    late = requests.ContentRename(content_id=request.content_id, manifest=a_manifest(3))
    with pytest.raises(RevisionConflictError):
        await house.core.contents.rename(tia, late)
    assert (await row(house, tia, request.content_id)).manifest_revision == 3


async def test_50_contents_are_pinned_at_most(house: House):
    tia = await house.member()
    shared = [an_inline() for _ in range(51)]
    for request in shared:
        await house.core.sharing.share(tia, request)
    pins = [requests.ContentPin(content_id=one.content_id, pinned=True) for one in shared]
    for pin in pins[:50]:
        await house.core.contents.pin(tia, pin)
    with pytest.raises(PinLimitError):
        await house.core.contents.pin(tia, pins[50])
    house.told.events()
    await house.core.contents.pin(tia, pins[0])
    unpin = requests.ContentPin(content_id=shared[0].content_id, pinned=False)
    await house.core.contents.pin(tia, unpin)
    await house.core.contents.pin(tia, pins[50])
    last = house.told.all[-1][1]
    assert isinstance(last, ContentChanged)
    assert last.content.pinned


async def test_what_is_removed_is_gone_and_does_not_come_back(house: House):
    tia = await house.member()
    request, _ = await share_whole(house, tia)
    folder = house.store.directory.root / "sessions" / tia.session_id / request.content_id
    assert folder.is_dir()
    first = await house.core.contents.remove(tia, request.content_id)
    await house.store.collector.collect()
    assert not folder.exists()
    assert await house.core.contents.remove(tia, request.content_id) == first
    for refused in (
        house.core.contents.remove(tia, a_share().content_id),
        house.core.sharing.share(tia, request),
    ):
        with pytest.raises(ContentNotFoundError):
            await refused
    with pytest.raises(ContentNotFoundError):
        house.core.contents.get(tia, request.content_id)
    assert await listed(house, tia) == []


async def test_the_bytes_of_a_removed_stream_are_free_again(tmp_path: Path):
    async with House(tmp_path / "data", session_bytes=2**20) as house:
        tia = await house.member()
        for _ in range(3):
            request = a_stream(chunk_size=2**19)
            await house.core.sharing.share(tia, request)
            await put(house.core.chunks, tia, request.content_id, 0, a_chunk(0, 2**19))
            with pytest.raises(QuotaError):
                await put(house.core.chunks, tia, request.content_id, 1, a_chunk(1, 2**19))
            await house.core.contents.remove(tia, request.content_id)


async def test_what_is_shared_right_after_a_clear_stays(house: House):
    tia = await house.member()
    old, _ = await share_whole(house, tia)
    await house.core.contents.clear(tia)
    new, sent = await share_whole(house, tia)
    await house.store.collector.collect()
    folder = house.store.directory.root / "sessions" / tia.session_id
    assert [path.name for path in folder.iterdir()] == [new.content_id]
    assert await listed(house, tia) == [new.content_id]
    for index, chunk in enumerate(sent):
        _, place = await house.core.chunks.open(tia, new.content_id, index)
        assert not isinstance(place, bytes)
        assert place.read_bytes() == chunk
    assert old.content_id != new.content_id


async def test_what_was_cleared_is_not_shared_again_either(house: House):
    tia = await house.member()
    request, _ = await share_whole(house, tia)
    await house.core.contents.clear(tia)
    await house.store.collector.collect()
    for _ in range(2):
        with pytest.raises(ContentNotFoundError):
            await house.core.sharing.share(tia, request)
        await house.core.contents.clear(tia)
    page = await house.core.sessions.list_contents(tia, since=0)
    assert (page.reset, page.removed) == (True, [])


async def test_a_session_that_is_gone_takes_nothing(house: House):
    tia = await house.member()
    await forget(house, tia.session_id)
    with pytest.raises(NotJoinedError):
        await house.core.sharing.share(tia, an_inline())
    with pytest.raises(NotJoinedError):
        await house.core.contents.clear(tia)
