"""What every store of chunks does: run over files and memory."""

from __future__ import annotations

import os
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sharethings.core.ports import ChunkStore, Incoming
from sharethings.protocol.errors import StorageFullError
from sharethings.storage.chunk_files import ChunkFiles
from sharethings.storage.data_directory import DataDirectory
from sharethings.storage.disk import Disk
from tests.contract.chunk_memory import ChunkMemory
from tests.rows import a_content

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sharethings.records import Content

LIMIT_BYTES = 20_000_000
ONE = a_content(1, 10)
OTHER = a_content(2, 10)
ELSEWHERE = replace(ONE, session_id="cd" * 32)


@pytest.fixture(params=["content", "full", "fast", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ChunkStore]:
    """A store of each kind, files with each durability."""
    if request.param == "memory":
        yield ChunkMemory(LIMIT_BYTES)
        return
    directory = DataDirectory(tmp_path / "data")
    yield ChunkFiles(directory.root, Disk(), request.param)
    directory.close()


def bytes_of(store: ChunkStore, content: Content, index: int) -> bytes:
    """Read a chunk as transport does; nothing of one that is not there."""
    found = store.open(content, index)
    if isinstance(found, Path):
        return found.read_bytes() if found.exists() else b""
    return found


async def arrive(store: ChunkStore, *pieces: bytes) -> Incoming:
    """Let a chunk arrive."""
    incoming = store.begin()
    for piece in pieces:
        await incoming.write(piece)
    await incoming.close()
    return incoming


async def keep(store: ChunkStore, content: Content, index: int, data: bytes) -> None:
    """Store a chunk."""
    incoming = await arrive(store, data)
    incoming.keep(content, index)
    incoming.discard()


@pytest.mark.parametrize("sizes", [[1], [16, 1], [7, 7, 7, 40_000], [2**20, 2**20, 5], [4_194_336]])
async def test_what_arrives_in_pieces_is_given_back_whole(store: ChunkStore, sizes: list[int]):
    pieces = [os.urandom(size) for size in sizes]
    data = b"".join(pieces)
    incoming = await arrive(store, *pieces)
    assert (incoming.size, incoming.head) == (len(data), data[:16])
    assert incoming.digest == sha256(data).digest()
    assert incoming.read() == data
    assert bytes_of(store, ONE, 0) == b""
    incoming.keep(ONE, 0)
    incoming.discard()
    incoming.discard()
    assert bytes_of(store, ONE, 0) == data
    assert await store.sync(ONE, [0]) == []


async def test_it_is_what_the_rules_ask_for(store: ChunkStore):
    assert isinstance(store, ChunkStore)
    incoming = store.begin()
    assert isinstance(incoming, Incoming)
    incoming.discard()


async def test_what_is_not_kept_is_nowhere(store: ChunkStore):
    incoming = await arrive(store, b"x" * 100)
    incoming.discard()
    assert bytes_of(store, ONE, 0) == b""
    open_still = store.begin()
    await open_still.write(b"y")
    open_still.discard()
    assert bytes_of(store, ONE, 0) == b""


async def test_each_blob_and_index_is_its_own_place(store: ChunkStore):
    places = [(ONE, 0), (ONE, 1), (ONE, 1_048_575), (OTHER, 0), (ELSEWHERE, 0)]
    for number, (content, index) in enumerate(places):
        await keep(store, content, index, bytes([number]) * 50)
    for number, (content, index) in enumerate(places):
        assert bytes_of(store, content, index) == bytes([number]) * 50
    same_blob = replace(OTHER, blob_id=ONE.blob_id)
    assert bytes_of(store, same_blob, 1) == bytes([1]) * 50


async def test_a_chunk_that_is_kept_again_is_replaced(store: ChunkStore):
    await keep(store, ONE, 0, b"wrong")
    await keep(store, ONE, 0, b"right bytes")
    assert bytes_of(store, ONE, 0) == b"right bytes"


async def test_a_buried_blob_is_gone_at_once_and_others_stay(store: ChunkStore):
    for content in (ONE, OTHER, ELSEWHERE):
        for index in range(3):
            await keep(store, content, index, b"z" * 100)
    store.bury(ONE.session_id, ONE.blob_id)
    store.bury(ONE.session_id, ONE.blob_id)
    assert [bytes_of(store, ONE, index) for index in range(3)] == [b""] * 3
    await keep(store, ONE, 0, b"new")
    while store.crumble():
        pass
    assert bytes_of(store, ONE, 0) == b"new"
    for content in (OTHER, ELSEWHERE):
        assert [bytes_of(store, content, index) for index in range(3)] == [b"z" * 100] * 3


async def test_a_dropped_chunk_is_lost_and_may_come_again(store: ChunkStore):
    for index in range(3):
        await keep(store, ONE, index, b"z" * 100)
    store.drop(ONE.session_id, ONE.blob_id, [0, 2, 7])
    assert [bytes_of(store, ONE, index) for index in range(3)] == [b"", b"z" * 100, b""]
    await keep(store, ONE, 2, b"new")
    assert bytes_of(store, ONE, 2) == b"new"


async def test_who_reads_when_it_is_buried_finishes(store: ChunkStore):
    await keep(store, ONE, 0, b"z" * 100)
    found = store.open(ONE, 0)
    if isinstance(found, Path):
        with found.open("rb") as reader:
            store.bury(ONE.session_id, ONE.blob_id)
            while store.crumble():
                pass
            found = reader.read()
    else:
        store.bury(ONE.session_id, ONE.blob_id)
    assert found == b"z" * 100


async def test_memory_is_bounded_and_what_goes_makes_room():
    store = ChunkMemory(1000)
    await keep(store, ONE, 0, bytes(600))
    with pytest.raises(StorageFullError):
        await arrive(store, bytes(401))
    given_up = await arrive(store, bytes(400))
    with pytest.raises(StorageFullError):
        await arrive(store, b"x")
    given_up.discard()
    await keep(store, ONE, 0, bytes(400))
    await keep(store, ONE, 1, bytes(600))
    store.bury(ONE.session_id, ONE.blob_id)
    await keep(store, OTHER, 0, bytes(1000))
    assert await store.sync(OTHER, [0, 1]) == [1]


async def test_a_file_that_is_lost_is_told_when_it_is_synced(tmp_path: Path):
    directory = DataDirectory(tmp_path / "data")
    store = ChunkFiles(directory.root, Disk())
    for index in range(3):
        await keep(store, ONE, index, b"z")
    store.open(ONE, 1).unlink()
    assert await store.sync(ONE, range(3)) == [1]
    directory.close()
