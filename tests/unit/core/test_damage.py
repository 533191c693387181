"""Damaged chunks: found by looking, told, refused, and healed by the same bytes."""

from __future__ import annotations

import asyncio
import errno
import os
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from sharethings.core.arrivals import Arrival
from sharethings.protocol import requests
from sharethings.protocol.errors import (
    BusyError,
    ChunkConflictError,
    ChunkDamagedError,
    ChunkNotFoundError,
    ChunksMissingError,
    ContentNotFoundError,
    ThrottledError,
)
from sharethings.records import Chunk
from sharethings.storage.chunk_files import ChunkFiles
from tests.unit.core.house import (
    INLINE,
    House,
    a_chunk,
    a_completion,
    a_share,
    a_stream,
    an_inline,
    ask,
    chunks_of,
    put,
    share_whole,
)

if TYPE_CHECKING:
    from pathlib import Path

    from sharethings.records import Content, Member
    from sharethings.storage.database import Connection


async def report(house: House, member: Member, content_id: str, index: int = 1) -> None:
    """Report a chunk, a second after the last one."""
    house.hands.seconds += 1
    request = requests.ContentReport(content_id=content_id, chunk_index=index)
    await house.core.damage.report(member, request)


async def row(house: House, member: Member, content_id: str) -> Content:
    """Give a content's row."""
    return house.core.contents.get(member, content_id)


async def missing(house: House, member: Member, content_id: str) -> list[tuple[int, int]]:
    """Give the ranges that the server asks for."""
    return (await house.core.contents.missing(await row(house, member, content_id))).missing


async def place(house: House, member: Member, content_id: str, index: int = 1) -> Path:
    """Give where a chunk's file is."""
    return house.store.files.path(await row(house, member, content_id), index)


def flip(path: Path) -> None:
    """Flip a bit."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


async def test_a_report_of_good_bytes_changes_nothing(house: House):
    tia = await house.member()
    request, _ = await share_whole(house, tia)
    house.told.events()
    await report(house, tia, request.content_id)
    assert house.told.events() == []
    assert (await row(house, tia, request.content_id)).state == "complete"


async def test_wrong_bytes_are_marked_told_refused_and_healed_by_the_same_ones(house: House):
    tia = await house.member()
    request, sent = await share_whole(house, tia)
    path = await place(house, tia, request.content_id)
    flip(path)
    house.told.events()
    for _ in range(2):
        await report(house, tia, request.content_id)
    assert house.told.events() == ["content:changed"]
    content = await row(house, tia, request.content_id)
    assert (content.state, content.stored_count) == ("damaged", 2)
    assert await missing(house, tia, request.content_id) == [(1, 1)]
    with pytest.raises(ChunkDamagedError):
        await house.core.chunks.open(tia, request.content_id, 1)
    with pytest.raises(ChunkConflictError):
        await put(house.core.chunks, tia, request.content_id, 1, a_chunk(1))
    fresh, stored = await put(house.core.chunks, tia, request.content_id, 1, sent[1])
    assert (fresh, stored.stored_count, stored.stored_bytes) == (True, 3, request.total_size)
    assert house.told.events() == ["content:changed", "content:progressed"]
    content = await row(house, tia, request.content_id)
    assert (content.state, await missing(house, tia, request.content_id)) == ("complete", [])
    assert path.read_bytes() == sent[1]


async def test_it_is_healed_when_the_last_damaged_chunk_is(house: House):
    tia = await house.member()
    request, sent = await share_whole(house, tia)
    for index in (0, 2):
        (await place(house, tia, request.content_id, index)).unlink()
        await report(house, tia, request.content_id, index)
    assert await missing(house, tia, request.content_id) == [(0, 0), (2, 2)]
    await put(house.core.chunks, tia, request.content_id, 0, sent[0])
    assert (await row(house, tia, request.content_id)).state == "damaged"
    await asyncio.gather(
        *(put(house.core.chunks, tia, request.content_id, 2, sent[2]) for _ in range(3))
    )
    content = await row(house, tia, request.content_id)
    assert (content.state, content.stored_count) == ("complete", 3)


async def test_all_contents_of_a_blob_are_damaged_and_healed_together(house: House):
    tia = await house.member()
    first, sent = await share_whole(house, tia)
    second, third = (a_share(blob_id=first.blob_id) for _ in range(2))
    for request in (second, third):
        await house.core.sharing.share(tia, request)
    await house.core.contents.complete(tia, a_completion(second))
    flip(await place(house, tia, first.content_id))
    house.told.events()
    await report(house, tia, second.content_id)
    assert house.told.events() == ["content:changed"] * 2
    states = [(await row(house, tia, one.content_id)).state for one in (first, second, third)]
    assert states == ["damaged", "damaged", "uploading"]
    with pytest.raises(ChunksMissingError) as caught:
        await house.core.contents.complete(tia, a_completion(third))
    assert caught.value.details == {"missing": [(1, 1)], "missing_count": 1}
    await put(house.core.chunks, tia, third.content_id, 1, sent[1])
    await house.core.contents.complete(tia, a_completion(third))
    states = [(await row(house, tia, one.content_id)).state for one in (first, second, third)]
    assert states == ["complete"] * 3


async def test_a_damaged_chunk_of_an_upload_is_asked_for_again(house: House):
    tia = await house.member()
    request = a_share()
    sent = chunks_of(request)
    await house.core.sharing.share(tia, request)
    for index, chunk in enumerate(sent):
        await put(house.core.chunks, tia, request.content_id, index, chunk)
    flip(await place(house, tia, request.content_id))
    await report(house, tia, request.content_id)
    assert (await row(house, tia, request.content_id)).state == "uploading"
    await put(house.core.chunks, tia, request.content_id, 1, sent[1])
    await house.core.contents.complete(tia, a_completion(request))


async def test_a_stream_with_a_damaged_chunk_gives_all_its_bytes_free(house: House):
    tia = await house.member()
    request = a_stream()
    await house.core.sharing.share(tia, request)
    await put(house.core.chunks, tia, request.content_id, 0, a_chunk(0))
    (await place(house, tia, request.content_id, 0)).unlink()
    await report(house, tia, request.content_id, 0)
    await house.core.contents.remove(tia, request.content_id)
    assert await ask(house, "SELECT reserved_bytes FROM sessions") == 0


async def test_a_lost_file_is_told_by_who_asks_for_it(house: House):
    tia = await house.member()
    request, sent = await share_whole(house, tia)
    (await place(house, tia, request.content_id)).unlink()
    house.told.events()
    asking = [house.core.chunks.open(tia, request.content_id, 1) for _ in range(3)]
    refused = await asyncio.gather(*asking, return_exceptions=True)
    assert {type(one) for one in refused} == {ChunkDamagedError}
    assert house.told.events() == ["content:changed"]
    await put(house.core.chunks, tia, request.content_id, 1, sent[1])
    assert (await row(house, tia, request.content_id)).state == "complete"


async def test_a_small_content_is_damaged_and_healed_in_its_row(house: House):
    tia = await house.member()
    request = an_inline()
    await house.core.sharing.share(tia, request)
    await report(house, tia, request.content_id, 0)
    assert (await row(house, tia, request.content_id)).state == "complete"

    def spoil(connection: Connection) -> None:
        connection.exec_driver_sql(
            "UPDATE content_metadata SET inline_chunk = ?", (INLINE[:-1] + b"?",)
        )

    await house.store.database.write(spoil)
    await report(house, tia, request.content_id, 0)
    assert (await row(house, tia, request.content_id)).state == "damaged"
    with pytest.raises(ChunkDamagedError):
        await house.core.chunks.open(tia, request.content_id, 0)
    await put(house.core.chunks, tia, request.content_id, 0, INLINE)
    content = await row(house, tia, request.content_id)
    assert (content.state, content.inline_chunk) == ("complete", INLINE)


async def test_what_was_healed_already_keeps_its_file(house: House):
    tia = await house.member()
    request, sent = await share_whole(house, tia)
    path = await place(house, tia, request.content_id)
    before = house.store.files.stamp(path)
    content = await row(house, tia, request.content_id)
    chunk = Chunk(1, len(sent[1]), sha256(sent[1]).digest())
    incoming = house.store.files.begin()
    with house.core.space.reserving(tia) as reservation:
        arrival = Arrival(content, chunk, incoming, reservation)
        assert await house.core.damage.heal(arrival) == []
    incoming.discard()
    assert house.store.files.stamp(path) == before


async def test_what_is_not_there_cannot_be_reported(house: House):
    tia = await house.member()
    request = a_share()
    with pytest.raises(ContentNotFoundError):
        await report(house, tia, request.content_id)
    await house.core.sharing.share(tia, request)
    with pytest.raises(ChunkNotFoundError):
        await report(house, tia, request.content_id)


async def test_a_member_reports_a_few_chunks_a_second(house: House):
    tia, tom = await house.member(), await house.member()
    request, _ = await share_whole(house, tia)
    wish = requests.ContentReport(content_id=request.content_id, chunk_index=0)
    for _ in range(4):
        await house.core.damage.report(tia, wish)
    with pytest.raises(ThrottledError):
        await house.core.damage.report(tia, wish)
    with pytest.raises(ContentNotFoundError):
        await house.core.damage.report(tom, wish)
    house.hands.seconds += 60
    await house.core.damage.report(tia, wish)


@pytest.mark.parametrize(("number", "state"), [(errno.EIO, "damaged"), (errno.EMFILE, "complete")])
async def test_only_what_the_disk_cannot_give_is_damaged(
    house: House, monkeypatch: pytest.MonkeyPatch, number: int, state: str
):
    tia = await house.member()
    request, _ = await share_whole(house, tia)

    def refuse(_path: Path) -> bytes:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(ChunkFiles, "digest", staticmethod(refuse))
    if number == errno.EMFILE:
        with pytest.raises(BusyError):
            await report(house, tia, request.content_id)
    else:
        await report(house, tia, request.content_id)
    assert (await row(house, tia, request.content_id)).state == state


@pytest.mark.parametrize("meanwhile", ["healed", "removed"])
async def test_what_changed_while_it_was_looked_at_is_not_marked(
    house: House, monkeypatch: pytest.MonkeyPatch, meanwhile: str
):
    tia = await house.member()
    request, sent = await share_whole(house, tia)
    path = await place(house, tia, request.content_id)
    digest = ChunkFiles.digest
    loop = asyncio.get_running_loop()
    os.truncate(path, 100)

    async def interfere() -> None:
        if meanwhile == "removed":
            await house.core.contents.remove(tia, request.content_id)
            return
        with pytest.raises(ChunkDamagedError):
            await house.core.chunks.open(tia, request.content_id, 1)
        await put(house.core.chunks, tia, request.content_id, 1, sent[1])

    def slow(looked_at: Path) -> bytes:
        found = digest(looked_at)
        asyncio.run_coroutine_threadsafe(interfere(), loop).result(30)
        return found

    monkeypatch.setattr(ChunkFiles, "digest", staticmethod(slow))
    await report(house, tia, request.content_id)
    house.told.events()
    if meanwhile == "healed":
        assert (await row(house, tia, request.content_id)).state == "complete"
        assert path.read_bytes() == sent[1]
    else:
        with pytest.raises(ContentNotFoundError):
            await row(house, tia, request.content_id)
