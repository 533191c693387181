"""What a content costs beside its chunks: counted, and never more than is counted."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import pytest

from sharethings.protocol.errors import QuotaError
from sharethings.protocol.ids import encode_bytes
from sharethings.protocol.limits import MANIFEST_MAX_BYTES
from sharethings.records import CONTENT_BYTES
from tests.unit.core.house import House, a_chunk, a_share, a_stream, an_inline, ask, put

if TYPE_CHECKING:
    from pathlib import Path

    from sharethings.protocol import requests

MIB = 1024 * 1024
PER_MIB = MIB // CONTENT_BYTES
PAGES = "SELECT (page_count - freelist_count) * page_size FROM pragma_page_count, "
PAGES += "pragma_freelist_count, pragma_page_size"


def the_largest(plain: int) -> requests.ContentShare:
    """Share a chunk of so many plain bytes in its row, with a manifest as large as it may be."""
    head = b"ST\x01\x04" + (1).to_bytes(4, "big")
    manifest = encode_bytes(head + secrets.token_bytes(MANIFEST_MAX_BYTES - len(head)))
    chunk = a_chunk(0, plain, last=True)
    return a_share(
        plain,
        manifest=manifest,
        chunk=encode_bytes(chunk),
        chunk_count=1,
        total_size=len(chunk),
    )


@pytest.mark.parametrize("plain", [0, 15_000, 16_384])
async def test_what_is_counted_is_not_less_than_what_it_takes(house: House, plain: int):
    tia = await house.member()
    before, count, chunk_bytes = await ask(house, PAGES), 100, plain + 32
    shared = [the_largest(plain) for _ in range(count)]
    for request in shared:
        await house.core.sharing.share(tia, request)
    row_bytes = (await ask(house, PAGES) - before) / count - chunk_bytes
    for request in shared:
        await house.core.contents.remove(tia, request.content_id)
    await house.store.collector.collect()
    memory_bytes = (await ask(house, PAGES) - before) / count
    assert 0 < memory_bytes < 1000
    assert MANIFEST_MAX_BYTES < row_bytes + memory_bytes < CONTENT_BYTES


async def test_a_session_holds_only_so_many_rows_until_some_go(tmp_path: Path):
    async with House(tmp_path / "data", session_bytes=MIB) as house:
        tia = await house.member()
        blob = a_share(100_000)
        shared = [blob, *(a_share(100_000, blob_id=blob.blob_id) for _ in range(3))]
        shared += [an_inline() for _ in range(PER_MIB - 9)]
        for request in shared:
            await house.core.sharing.share(tia, request)
        with pytest.raises(QuotaError, match=r"needs 20\.7 kB; .* has room for .* B of its"):
            await house.core.sharing.share(tia, an_inline())
        await house.core.contents.remove(tia, shared[-1].content_id)
        await house.core.sharing.share(tia, an_inline())


async def test_a_stream_finds_the_room_that_rows_leave(tmp_path: Path):
    async with House(tmp_path / "data", session_bytes=MIB) as house:
        tia = await house.member()
        stream = a_stream()
        await house.core.sharing.share(tia, stream)
        for _ in range(PER_MIB - 2):
            await house.core.sharing.share(tia, an_inline())
        await put(house.core.chunks, tia, stream.content_id, 0, a_chunk(0))
        with pytest.raises(QuotaError, match="the session has room for"):
            await put(house.core.chunks, tia, stream.content_id, 1, a_chunk(1))
        assert await ask(house, "SELECT reserved_bytes FROM sessions") < 30_000


async def test_what_is_shared_and_removed_again_and_again_counts_for_its_address(tmp_path: Path):
    async with House(tmp_path / "data", address_bytes_per_day=MIB) as house:
        tia = await house.member()
        blob = a_share()
        await house.core.sharing.share(tia, blob)
        for _ in range(PER_MIB - 3):
            again = a_share(blob_id=blob.blob_id)
            await house.core.sharing.share(tia, again)
            await house.core.contents.remove(tia, again.content_id)
        with pytest.raises(QuotaError, match="your address may send"):
            await house.core.sharing.share(tia, a_share(blob_id=blob.blob_id))
