"""What a completion brings onto the disk, and what it does when the disk refuses."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest

from sharethings.core import contents
from sharethings.protocol.errors import ContentConflictError, ReadOnlyError
from tests.unit.core.house import (
    House,
    a_chunk,
    a_completion,
    a_share,
    a_stream,
    ask,
    put,
    share_whole,
)
from tests.unit.core.test_blobs import another, reserved
from tests.unit.core.test_completing import shared

if TYPE_CHECKING:
    from pathlib import Path


def _refuse(_path: Path) -> None:
    raise OSError(errno.EIO, os.strerror(errno.EIO))


async def test_a_bad_hour_of_the_disk_costs_a_complete_content_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
):
    tia = await house.member()
    first, _ = await share_whole(house, tia)
    second = another(first)
    await house.core.sharing.share(tia, second)
    monkeypatch.setattr("sharethings.storage.chunk_files.sync_file", _refuse)
    await house.core.contents.complete(tia, a_completion(second))
    for request in (first, second):
        content = house.core.contents.get(tia, request.content_id)
        assert (content.state, content.stored_count) == ("complete", content.chunk_count)
        assert house.store.files.path(content, 0).exists()


async def test_many_lost_chunks_are_forgotten_in_pieces(
    house: House, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(contents, "LOST_PER_WRITE", 2)
    tia = await house.member()
    request, _ = await shared(house, tia)
    with monkeypatch.context() as patches:
        patches.setattr("sharethings.storage.chunk_files.sync_file", _refuse)
        with pytest.raises(ReadOnlyError):  # so many faults: the disk is taken for broken
            await house.core.contents.complete(tia, a_completion(request))
    assert await ask(house, "SELECT count(*) FROM chunk_metadata") == 0
    content = house.core.contents.get(tia, request.content_id)
    assert (content.stored_count, content.stored_bytes) == (0, 0)


async def test_a_content_is_completed_as_it_was_shared(house: House):
    tia = await house.member()
    request = a_share()
    await house.core.sharing.share(tia, request)
    await put(house.core.chunks, tia, request.content_id, 0, a_chunk(0))
    completion = a_completion(request, chunk_count=1, total_size=len(a_chunk(0)))
    with pytest.raises(ContentConflictError, match="was shared as 3 chunks"):
        await house.core.contents.complete(tia, completion)
    assert await reserved(house, tia) == request.total_size


async def test_a_stream_is_completed_as_it_came(house: House):
    tia = await house.member()
    request = a_stream()
    await house.core.sharing.share(tia, request)
    chunk = a_chunk(0, 10, last=True)
    await put(house.core.chunks, tia, request.content_id, 0, chunk)
    completion = a_completion(request, chunk_count=1, total_size=len(chunk) + 1)
    with pytest.raises(ContentConflictError, match="holds 1 chunks of 42 bytes"):
        await house.core.contents.complete(tia, completion)
