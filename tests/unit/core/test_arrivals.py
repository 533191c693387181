"""Chunks that arrive at the same time: one set of rows, and each its own answer."""

from __future__ import annotations

import asyncio
import errno
import threading
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sharethings.core.arrivals import Arrivals
from sharethings.protocol.errors import (
    ChunkConflictError,
    ChunkMalformedError,
    QuotaError,
    StorageFullError,
)
from tests.programs import wait_until
from tests.unit.core.house import (
    CHUNK_SIZE,
    House,
    a_chunk,
    a_completion,
    a_share,
    a_stream,
    ask,
    chunks_of,
    left_behind,
    put,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable

QUARTER = 2**18


def _is_waiting(house: House, count: int) -> bool:
    return house.store.database.waiting_count == count


async def together(
    house: House, monkeypatch: pytest.MonkeyPatch, *acts: Awaitable[Any]
) -> list[Any]:
    """Do all in one commit; gives what they answer or raise."""
    sizes: list[int] = []
    store = Arrivals.store

    def note(self: Arrivals, connection: Any, arrivals: list[Any]) -> Any:
        sizes.append(len(arrivals))
        return store(self, connection, arrivals)

    monkeypatch.setattr(Arrivals, "store", note)
    begun, held = threading.Event(), threading.Event()

    def hold(_connection: object) -> None:
        begun.set()
        held.wait()

    holding = asyncio.create_task(house.store.database.write(hold))
    await asyncio.to_thread(begun.wait)  # before that it is itself one that waits
    waiting: list[asyncio.Future[Any]] = []
    try:
        for act in acts:  # in this order
            waiting.append(asyncio.ensure_future(act))
            count = len(waiting)
            await asyncio.to_thread(wait_until, partial(_is_waiting, house, count), "it waits")
    finally:
        held.set()
    await holding
    ends = await asyncio.gather(*waiting, return_exceptions=True)
    assert sizes == [len(acts)]
    return ends


async def test_all_are_counted_and_announced(house: House, monkeypatch: pytest.MonkeyPatch):
    tia = await house.member()
    one, two = a_share(), a_share()
    acts = []
    for request in (one, two):
        await house.core.sharing.share(tia, request)
        acts += [
            put(house.core.chunks, tia, request.content_id, index, chunk)
            for index, chunk in enumerate(chunks_of(request))
        ]
    ends = await together(house, monkeypatch, *acts)
    # They are stored by one commit: whoever is answered is told what stands since then.
    assert [(new, reply.stored_count) for new, reply in ends] == [(True, 3)] * 6
    assert house.told.events().count("content:progressed") == 2
    for request in (one, two):
        await house.core.contents.complete(tia, a_completion(request))


async def test_one_that_is_refused_harms_no_other(house: House, monkeypatch: pytest.MonkeyPatch):
    tia = await house.member()
    request = a_share()
    await house.core.sharing.share(tia, request)
    send = partial(put, house.core.chunks, tia, request.content_id)
    chunk = a_chunk(0)
    ends = await together(
        house, monkeypatch, send(0, chunk), send(0, chunk), send(0, a_chunk(0)), send(1, a_chunk(1))
    )
    assert [end[0] for end in (ends[0], ends[1], ends[3])] == [True, False, True]
    assert isinstance(ends[2], ChunkConflictError)
    content = house.core.contents.get(tia, request.content_id)
    assert (content.stored_count, content.stored_bytes) == (2, 2 * len(chunk))
    assert house.store.files.path(content, 0).read_bytes() == chunk
    assert left_behind(house) == []


async def test_one_that_is_too_large_harms_no_other_content(
    house: House, monkeypatch: pytest.MonkeyPatch
):
    tia = await house.member()
    one, two = a_share(), a_share(CHUNK_SIZE - 1)
    for request in (one, two):
        await house.core.sharing.share(tia, request)
    ends = await together(
        house,
        monkeypatch,
        put(house.core.chunks, tia, one.content_id, 0, a_chunk(0)),
        put(house.core.chunks, tia, two.content_id, 0, a_chunk(0, last=True)),
    )
    assert ends[0][0]
    assert isinstance(ends[1], ChunkMalformedError)
    counts = [house.core.contents.get(tia, of.content_id).stored_count for of in (one, two)]
    assert counts == [1, 0]


async def test_one_without_a_name_has_no_row(house: House, monkeypatch: pytest.MonkeyPatch):
    tia = await house.member()
    request = a_share()
    await house.core.sharing.share(tia, request)
    send = partial(put, house.core.chunks, tia, request.content_id)
    rename = Path.rename

    def refuse_the_first(path: Path, target: Path) -> Path:
        if target.name == "0.bin":
            raise OSError(errno.ENOSPC, "No space left on device")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refuse_the_first)
    ends = await together(house, monkeypatch, send(0, a_chunk(0)), send(1, a_chunk(1)))
    assert isinstance(ends[0], StorageFullError)
    assert ends[1][0]
    content = house.core.contents.get(tia, request.content_id)
    assert (await house.core.contents.missing(content)).missing == [(0, 0), (2, 2)]


async def test_streams_together_are_held_to_the_room_of_the_session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    async with House(tmp_path / "data", session_bytes=2**20) as house:
        tia = await house.member()
        streams = [a_stream(chunk_size=QUARTER), a_stream(chunk_size=QUARTER)]
        for stream in streams:
            await house.core.sharing.share(tia, stream)
        acts = [
            put(house.core.chunks, tia, stream.content_id, index, a_chunk(index, QUARTER))
            for index in range(2)
            for stream in streams
        ]
        ends = await together(house, monkeypatch, *acts)
        assert [isinstance(end, QuotaError) for end in ends] == [False, False, False, True]
        held = await ask(house, "SELECT reserved_bytes FROM sessions")
        assert held == 3 * (QUARTER + 32)


async def test_a_chunk_behind_the_end_that_was_set_meanwhile(house: House):
    tia = await house.member()
    stream = a_stream()
    await house.core.sharing.share(tia, stream)
    send = partial(put, house.core.chunks, tia, stream.content_id)
    last = a_chunk(0, 100, last=True)
    await send(0, last)
    completed = asyncio.Event()

    late = a_chunk(1)

    async def body() -> AsyncIterator[bytes]:
        await completed.wait()
        yield late

    sending = asyncio.create_task(send(1, late, body=body()))
    await asyncio.sleep(0)
    completion = a_completion(stream, chunk_count=1, total_size=len(last))
    await house.core.contents.complete(tia, completion)
    completed.set()
    with pytest.raises(ChunkMalformedError):
        await sending
    assert house.core.contents.get(tia, stream.content_id).stored_count == 1
