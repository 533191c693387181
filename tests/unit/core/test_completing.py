"""Completing a content whose files are not there any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sharethings.protocol.errors import ChunksMissingError, ContentNotFoundError
from tests.unit.core.house import House, a_completion, a_share, chunks_of, put

if TYPE_CHECKING:
    from sharethings.protocol import requests
    from sharethings.records import Content, Member


async def shared(house: House, member: Member) -> tuple[requests.ContentShare, list[bytes]]:
    """Share a content and send all its chunks."""
    request = a_share()
    await house.core.sharing.share(member, request)
    sent = chunks_of(request)
    for index, chunk in enumerate(sent):
        await put(house.core.chunks, member, request.content_id, index, chunk)
    return request, sent


async def test_a_chunk_that_was_lost_is_asked_for_again(house: House):
    tia = await house.member()
    request, sent = await shared(house, tia)
    content = house.core.contents.get(tia, request.content_id)
    house.store.files.path(content, 1).unlink()
    with pytest.raises(ChunksMissingError) as caught:
        await house.core.contents.complete(tia, a_completion(request))
    assert caught.value.details == {"missing": [(1, 1)], "missing_count": 1}
    await put(house.core.chunks, tia, request.content_id, 1, sent[1])
    await house.core.contents.complete(tia, a_completion(request))


async def test_what_is_removed_meanwhile_is_gone(house: House, monkeypatch: pytest.MonkeyPatch):
    tia = await house.member()
    request, _ = await shared(house, tia)
    sync = house.store.files.sync

    async def late(content: Content, indexes: list[int]) -> list[int]:
        await house.core.contents.remove(tia, request.content_id)
        await house.store.collector.collect()
        return await sync(content, indexes)

    monkeypatch.setattr(house.store.files, "sync", late)
    with pytest.raises(ContentNotFoundError):
        await house.core.contents.complete(tia, a_completion(request))
