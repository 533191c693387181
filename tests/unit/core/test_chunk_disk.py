"""Chunks on a disk that refuses."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest

from sharethings.protocol.errors import BusyError, StorageFullError
from sharethings.storage.chunk_files import ChunkFiles, IncomingChunk
from tests.unit.core.house import House, a_chunk, a_share, left_behind, put

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


def test_a_file_that_was_kept_or_refused_is_closed(tmp_path: Path):
    for name in ("sessions", "tmp"):
        (tmp_path / name).mkdir()
    incoming = ChunkFiles(tmp_path).begin()
    incoming.discard()
    incoming.discard()
    assert list((tmp_path / "tmp").iterdir()) == []
