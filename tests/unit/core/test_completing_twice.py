"""The same completion asked for again while the disk refuses the first."""

from __future__ import annotations

import asyncio
import errno
import os
import threading
from typing import TYPE_CHECKING

import pytest

from sharethings.protocol.errors import ChunksMissingError, StorageFullError
from sharethings.storage import blob_rows, incoming
from tests.unit.core.house import House, a_completion, put
from tests.unit.core.test_completing import shared

if TYPE_CHECKING:
    from pathlib import Path

AT_LEAST_SECONDS = 0.3
"""So long a completion may take that must not come: there is no event to wait for."""


class Failing:
    """Chunk files on a disk that tells of the loss of the first chunk once, as the kernel does.

    Whoever is told then waits at the next chunk.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Take the place of the system's call."""
        self.has_told = threading.Event()
        self.go_on = threading.Event()
        self._told: int | None = None
        self._sync_file = incoming.sync_file
        monkeypatch.setattr("sharethings.storage.chunk_files.sync_file", self.sync)

    def sync(self, path: Path) -> None:
        """Bring a chunk onto the disk."""
        if path.name == "0.bin" and not self.has_told.is_set():
            self._told = threading.get_ident()
            self.has_told.set()
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        if threading.get_ident() == self._told:
            assert self.go_on.wait(20)
        self._sync_file(path)


@pytest.mark.parametrize("is_cancelled", [False, True])
async def test_what_the_first_was_told_is_not_forgotten_by_the_second(
    house: House, monkeypatch: pytest.MonkeyPatch, is_cancelled: bool
):
    tia = await house.member()
    request, sent = await shared(house, tia)
    failing = Failing(monkeypatch)
    completion = a_completion(request)
    first = asyncio.create_task(house.core.contents.complete(tia, completion))
    await asyncio.to_thread(failing.has_told.wait, 20)
    if is_cancelled:
        first.cancel()
    second = asyncio.create_task(house.core.contents.complete(tia, completion))
    await asyncio.wait({second}, timeout=AT_LEAST_SECONDS)
    failing.go_on.set()
    for task in (first, second):
        error = asyncio.CancelledError if task.cancelling() else ChunksMissingError
        with pytest.raises(error) as caught:
            await task
        if isinstance(caught.value, ChunksMissingError):
            assert caught.value.details == {"missing": [(0, 0)], "missing_count": 1}
    assert house.core.contents.get(tia, request.content_id).state == "uploading"
    await put(house.core.chunks, tia, request.content_id, 0, sent[0])
    await house.core.contents.complete(tia, completion)


def _refuse(*_: object, **__: object) -> None:
    raise StorageFullError


async def test_a_loss_that_could_not_be_written_down_is_seen_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    async with House(tmp_path / "data") as house:
        passphrase = await house.create()
        tia, _ = await house.join(passphrase)
        request, sent = await shared(house, tia)
        with monkeypatch.context() as patches:
            Failing(patches).go_on.set()
            patches.setattr(blob_rows, "forget_chunks", _refuse)
            with pytest.raises(StorageFullError):
                await house.core.contents.complete(tia, a_completion(request))
    async with House(tmp_path / "data") as house:
        tia, _ = await house.join(passphrase)
        with pytest.raises(ChunksMissingError) as caught:
            await house.core.contents.complete(tia, a_completion(request))
        assert caught.value.details == {"missing": [(0, 0)], "missing_count": 1}
        await put(house.core.chunks, tia, request.content_id, 0, sent[0])
        await house.core.contents.complete(tia, a_completion(request))
