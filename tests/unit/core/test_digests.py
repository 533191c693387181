"""The digests of what is stored: what a client compares that goes on with an upload."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from sharethings.protocol.errors import ChunkDamagedError, ContentNotFoundError
from sharethings.protocol.limits import DIGESTS_MAX
from sharethings.records import Chunk
from sharethings.storage.chunk_rows import insert_chunks
from tests.unit.core.house import House, a_share, a_stream, chunks_of, put, share_whole

if TYPE_CHECKING:
    from sharethings.storage.database import Connection


async def test_what_is_stored_is_told_by_its_digests(house: House):
    tia = await house.member()
    request = a_share()
    await house.core.sharing.share(tia, request)
    sent = chunks_of(request)
    for index in (2, 0):
        await put(house.core.chunks, tia, request.content_id, index, sent[index])
    kept = [(index, sha256(sent[index]).digest()) for index in (0, 2)]
    assert await house.core.chunks.digests(tia, request.content_id, 0) == kept
    assert await house.core.chunks.digests(tia, request.content_id, 1) == kept[1:]
    assert await house.core.chunks.digests(tia, request.content_id, 3) == []
    with pytest.raises(ContentNotFoundError):
        await house.core.chunks.digests(tia, "f" * 32, 0)


async def test_the_digest_of_a_damaged_chunk_is_not_told(house: House):
    tia = await house.member()
    request, _ = await share_whole(house, tia)
    content = house.core.contents.get(tia, request.content_id)
    path = house.store.files.open(content, 1)
    assert not isinstance(path, bytes)
    path.unlink()
    with pytest.raises(ChunkDamagedError):
        await house.core.chunks.open(tia, request.content_id, 1)
    found = await house.core.chunks.digests(tia, request.content_id, 0)
    assert [index for index, _ in found] == [0, 2]


async def test_one_answer_is_bounded(house: House):
    tia = await house.member()
    request = a_stream()
    content = await house.core.sharing.share(tia, request)
    rows = [(content, Chunk(index, 40, bytes(32))) for index in range(DIGESTS_MAX + 1)]

    def fill(connection: Connection) -> None:
        insert_chunks(connection, rows, 0)

    await house.store.database.write(fill)
    found = await house.core.chunks.digests(tia, request.content_id, 0)
    assert [index for index, _ in found] == list(range(DIGESTS_MAX))
    found = await house.core.chunks.digests(tia, request.content_id, DIGESTS_MAX)
    assert found == [(DIGESTS_MAX, bytes(32))]
