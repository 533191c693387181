"""Chunks on their way in: how they are gathered, and who may close their files."""

from __future__ import annotations

import asyncio
import hashlib
import os
import threading
from typing import TYPE_CHECKING

import pytest

from sharethings.storage.chunk_files import ChunkFiles
from sharethings.storage.data_directory import DataDirectory
from sharethings.storage.disk import Disk
from sharethings.storage.incoming import WHOLE_BYTES, WRITE_PIECE_BYTES
from sharethings.writing import PIECE_BYTES
from tests.rows import a_content
from tests.writing import calls_of_writing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    """Give a data directory."""
    opened = DataDirectory(tmp_path / "data")
    yield opened.root
    opened.close()


def written_bytes(root: Path) -> int:
    """Sum the files that are on their way in."""
    return sum(path.stat().st_size for path in (root / "tmp").iterdir())


async def test_chunks_are_gathered_as_far_as_there_is_memory_for_all(root: Path):
    files = ChunkFiles(root, Disk())
    piece = os.urandom(WRITE_PIECE_BYTES // 2)
    whole = WHOLE_BYTES // (4 * len(piece))
    gathered = [files.begin() for _ in range(whole)]
    for incoming in gathered:
        for _ in range(4):
            await incoming.write(piece)
    assert written_bytes(root) == 0
    another = files.begin()
    await another.write(piece)
    assert written_bytes(root) == 0
    await another.write(piece)
    assert written_bytes(root) == 2 * len(piece)
    await another.write(piece)
    gathered.pop().discard()
    await another.write(piece)
    assert written_bytes(root) == 2 * len(piece)
    for incoming in (another, *gathered):
        await incoming.close()
        assert (incoming.size, incoming.head) == (4 * len(piece), piece[:16])
        assert incoming.digest == hashlib.sha256(piece * 4).digest()
    assert written_bytes(root) == (1 + len(gathered)) * 4 * len(piece)
    fresh = files.begin()
    for _ in range(4):
        await fresh.write(piece)
    assert written_bytes(root) == (1 + len(gathered)) * 4 * len(piece)


async def test_however_many_are_half_sent_they_hold_no_more_than_twice_that(root: Path):
    files = ChunkFiles(root, Disk())
    piece = os.urandom(WRITE_PIECE_BYTES // 8)
    begun = [files.begin() for _ in range(150)]
    for incoming in begun:
        for _ in range(7):
            await incoming.write(piece)
    held = len(begun) * 7 * len(piece) - written_bytes(root)
    assert WHOLE_BYTES < held <= 2 * WHOLE_BYTES
    for incoming in begun:
        await incoming.close()
        assert incoming.digest == hashlib.sha256(piece * 7).digest()
        incoming.discard()


async def test_a_kept_chunk_is_closed_to_others_and_stays(root: Path):
    incoming = ChunkFiles(root, Disk()).begin()
    content = a_content(1, 10)
    await incoming.write(b"x" * 100)
    await incoming.close()
    incoming.keep(content, 0)
    incoming.discard()
    target = root / "sessions" / content.session_id / content.blob_id / "0.bin"
    assert target.read_bytes() == b"x" * 100
    assert target.stat().st_mode & 0o077 == 0


async def test_a_chunk_is_written_in_small_pieces_and_on_its_way_to_the_disk_at_once(
    root: Path, monkeypatch: pytest.MonkeyPatch
):
    calls = calls_of_writing(monkeypatch)
    incoming = ChunkFiles(root, Disk()).begin()
    data = os.urandom(PIECE_BYTES * 2 + 1)
    await incoming.write(data)
    await incoming.close()
    assert calls == [PIECE_BYTES, PIECE_BYTES, 1, "writeback"]
    assert incoming.digest == hashlib.sha256(data).digest()
    incoming.discard()


async def test_who_is_cancelled_waits_until_its_file_is_not_written_any_more(
    root: Path, monkeypatch: pytest.MonkeyPatch
):
    incoming = ChunkFiles(root, Disk()).begin()
    await incoming.write(b"x" * 100)
    writes, may_write = threading.Event(), threading.Event()
    write = os.write

    def slow_write(file: int, data: memoryview) -> int:
        writes.set()
        may_write.wait(10)
        return write(file, data)

    monkeypatch.setattr(os, "write", slow_write)
    closing = asyncio.create_task(incoming.close())
    await asyncio.to_thread(writes.wait, 10)
    for _ in range(2):
        closing.cancel()
        await asyncio.wait([closing], timeout=0.01)
        assert not closing.done()
    may_write.set()
    with pytest.raises(asyncio.CancelledError):
        await closing
    monkeypatch.undo()
    assert written_bytes(root) == 100
    incoming.discard()
    assert not list((root / "tmp").iterdir())
