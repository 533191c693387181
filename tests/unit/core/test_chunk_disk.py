"""Chunks on a disk that refuses."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest

from sharethings.protocol.errors import BusyError, StorageFullError
from sharethings.storage.chunk_files import ChunkFiles, IncomingChunk
from sharethings.storage.disk import Disk
from tests.unit.core.house import (
    House,
    a_chunk,
    a_completion,
    a_share,
    chunks_of,
    left_behind,
    put,
)

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("number", "error"),
    [(errno.ENOSPC, StorageFullError), (errno.EDQUOT, StorageFullError), (errno.EIO, BusyError)],
)
async def test_what_the_disk_refuses_may_be_tried_again(
    house: House, monkeypatch: pytest.MonkeyPatch, number: int, error: type[Exception]
):
    tia = await house.member()
    request = a_share()
    await house.core.sharing.share(tia, request)

    def refuse(*_arguments: object) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(IncomingChunk, "_write_all", refuse)
        with pytest.raises(error):
            await put(house.core.chunks, tia, request.content_id, 0, a_chunk(0))
    assert left_behind(house) == []
    assert (await put(house.core.chunks, tia, request.content_id, 0, a_chunk(0)))[0]


async def test_a_full_disk_takes_no_chunk(tmp_path: Path):
    async with House(tmp_path / "data", free_write_bytes=2**60) as house:
        tia = await house.member()
        request = a_share()
        await house.core.sharing.share(tia, request)
        with pytest.raises(StorageFullError):
            await put(house.core.chunks, tia, request.content_id, 0, a_chunk(0))


@pytest.mark.parametrize("act", ["fdatasync", "fsync"])
@pytest.mark.parametrize(
    ("durability", "refused"), [("full", "chunk"), ("content", "completion"), ("fast", "nothing")]
)
async def test_nothing_is_acknowledged_before_it_is_as_durable_as_the_setting_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, durability: str, refused: str, act: str
):
    """A disk that syncs nothing refuses whoever waits for it, and nobody else."""

    async def try_all(house: House) -> str:
        tia = await house.member()
        request = a_share(1000)
        await house.core.sharing.share(tia, request)
        with monkeypatch.context() as patch:
            patch.setattr(f"os.{act}", refuse)
            try:
                await put(house.core.chunks, tia, request.content_id, 0, chunks_of(request)[0])
            except BusyError:
                return "chunk"
            try:
                await house.core.contents.complete(tia, a_completion(request))
            except BusyError:
                return "completion"
        return "nothing"

    def refuse(_file: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    async with House(tmp_path / "data", durability=durability) as house:
        assert await try_all(house) == refused
        async with house.store.database.read() as connection:
            synchronous = await connection.exec_driver_sql("PRAGMA synchronous")
            assert synchronous.scalar() == (0 if durability == "fast" else 2)


def test_a_file_that_was_kept_or_refused_is_closed(tmp_path: Path):
    for name in ("sessions", "tmp"):
        (tmp_path / name).mkdir()
    incoming = ChunkFiles(tmp_path, Disk()).begin()
    incoming.discard()
    incoming.discard()
    assert list((tmp_path / "tmp").iterdir()) == []
