"""Damage: a disk that cannot be looked at, and several that heal the same chunk."""

from __future__ import annotations

import asyncio
import errno
import os

import pytest

from sharethings.protocol.errors import BusyError, ChunkDamagedError
from sharethings.storage.chunk_files import ChunkFiles
from tests.unit.core.house import House, a_chunk, a_stream, ask, put, share_whole
from tests.unit.core.test_damage import place, report, row


async def test_two_that_heal_at_once_leave_what_was_synced(
    house: House, monkeypatch: pytest.MonkeyPatch
):
    tia = await house.member()
    request, sent = await share_whole(house, tia)
    path = await place(house, tia, request.content_id)
    path.unlink()
    await report(house, tia, request.content_id)
    synced: list[int] = []
    fdatasync = os.fdatasync

    def note(file: int) -> None:
        synced.append(os.fstat(file).st_ino)
        fdatasync(file)

    monkeypatch.setattr(os, "fdatasync", note)
    send = [put(house.core.chunks, tia, request.content_id, 1, sent[1]) for _ in range(4)]
    await asyncio.gather(*send)
    assert synced[0] == path.stat().st_ino
    assert (await row(house, tia, request.content_id)).state == "complete"


@pytest.mark.parametrize(
    ("number", "failure"), [(errno.EUCLEAN, ChunkDamagedError), (errno.EACCES, BusyError)]
)
async def test_a_disk_that_cannot_look_at_a_chunk(
    house: House, monkeypatch: pytest.MonkeyPatch, number: int, failure: type[Exception]
):
    tia = await house.member()
    request, _ = await share_whole(house, tia)

    def refuse(_path: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(ChunkFiles, "stamp", refuse)
    with pytest.raises(failure):
        await house.core.chunks.open(tia, request.content_id, 1)


async def test_a_stream_holds_what_can_be_read_of_it(house: House):
    tia = await house.member()
    request, sent = a_stream(), [a_chunk(0), a_chunk(1)]
    reserved = "SELECT reserved_bytes FROM sessions"
    await house.core.sharing.share(tia, request)
    for index, chunk in enumerate(sent):
        await put(house.core.chunks, tia, request.content_id, index, chunk)
    (await place(house, tia, request.content_id, 0)).unlink()
    await report(house, tia, request.content_id, 0)
    assert await ask(house, reserved) == len(sent[1])
    await put(house.core.chunks, tia, request.content_id, 0, sent[0])
    assert await ask(house, reserved) == len(sent[0]) + len(sent[1])
