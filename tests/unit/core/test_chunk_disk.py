"""Chunks on a disk that refuses."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Any

import pytest

from sharethings.protocol.errors import (
    BusyError,
    ChunkDamagedError,
    ChunksMissingError,
    ReadOnlyError,
    StorageFullError,
)
from sharethings.storage.chunk_files import ChunkFiles
from sharethings.storage.disk import Disk
from sharethings.storage.incoming import IncomingChunk
from tests.unit.core.house import (
    House,
    a_chunk,
    a_completion,
    a_share,
    a_stream,
    ask,
    chunks_of,
    left_behind,
    put,
    share_whole,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
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
    request = a_share()
    async with House(tmp_path / "data") as house:
        passphrase = await house.create()
        tia, _ = await house.join(passphrase)
        await house.core.sharing.share(tia, request)
    async with House(tmp_path / "data", free_write_bytes=2**60) as house:
        tia, _ = await house.join(passphrase)
        with pytest.raises(StorageFullError):
            await house.core.sharing.share(tia, a_share())
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
            except (BusyError, ChunksMissingError):
                return "completion"
        return "nothing"

    def refuse(_file: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    async with House(tmp_path / "data", durability=durability) as house:
        assert await try_all(house) == refused
        synchronous = await house.store.database.write(
            lambda connection: connection.exec_driver_sql("PRAGMA synchronous").scalar(),
            frees=True,  # a server that has just stopped taking anything new runs it too
        )
        assert synchronous == (0 if durability == "fast" else 2)


def failing(times: int, act: Callable[..., Any]) -> Callable[..., Any]:
    """Give `act` of a disk that reports an I/O error the first `times`, and never again.

    A descriptor that was refused may only be closed.
    """
    hit: list[int] = []
    held: list[int] = []

    def wrapped(file: int, *rest: Any) -> Any:
        if len(hit) < times:
            held.append(os.dup(file))  # so that its inode is not given to another file
            hit.append(os.fstat(file).st_ino)
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        while held:
            os.close(held.pop())
        assert os.fstat(file).st_ino not in hit, "a file that was refused is used again"
        return act(file, *rest)

    return wrapped


@pytest.mark.parametrize("act", ["write", "fdatasync"])
async def test_after_a_fault_the_bytes_go_once_more_into_a_new_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, act: str
):
    async with House(tmp_path / "data", durability="full") as house:
        tia = await house.member()
        request = a_share()
        await house.core.sharing.share(tia, request)
        sent = chunks_of(request)
        with monkeypatch.context() as patch:
            patch.setattr(f"os.{act}", failing(1, getattr(os, act)))
            await put(house.core.chunks, tia, request.content_id, 0, sent[0])
        _, place = await house.core.chunks.open(tia, request.content_id, 0)
        assert not isinstance(place, bytes)
        assert place.read_bytes() == sent[0]
        assert house.store.disk.faults_count == 1
        assert left_behind(house) == []


async def test_what_is_not_at_hand_any_more_is_asked_for_again(
    house: House, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("sharethings.storage.incoming.WHOLE_BYTES", 0)
    tia = await house.member()
    request = a_share(3_000_000, chunk_size=4_194_304, chunk_count=1, total_size=3_000_032)
    await house.core.sharing.share(tia, request)
    (chunk,) = chunks_of(request)
    parts = [chunk[start : start + 500_000] for start in range(0, len(chunk), 500_000)]

    async def body() -> AsyncIterator[bytes]:
        for number, part in enumerate(parts):
            if number == 4:
                monkeypatch.setattr("os.write", failing(1, os.write))
            yield part

    with pytest.raises(BusyError):
        await put(house.core.chunks, tia, request.content_id, 0, chunk, body=body())
    assert left_behind(house) == []
    assert (await put(house.core.chunks, tia, request.content_id, 0, chunk))[0]


async def test_a_chunk_that_cannot_be_synced_is_sent_again_before_its_content_is_complete(
    house: House, monkeypatch: pytest.MonkeyPatch
):
    tia = await house.member()
    sizes = []
    for request in (a_share(), a_stream()):
        await house.core.sharing.share(tia, request)
        sent = chunks_of(a_share())
        for index, chunk in enumerate(sent):
            await put(house.core.chunks, tia, request.content_id, index, chunk)
        sizes.append(sum(map(len, sent)))
        done = a_completion(request, chunk_count=3, total_size=sizes[-1])
        with monkeypatch.context() as patch:
            patch.setattr("os.fdatasync", failing(1, os.fdatasync))
            with pytest.raises(ChunksMissingError) as caught:
                await house.core.contents.complete(tia, done)
        assert caught.value.failure().missing == [(0, 0)]
        with pytest.raises(ChunksMissingError):
            await house.core.contents.complete(tia, done)
        await put(house.core.chunks, tia, request.content_id, 0, a_chunk(0))
        await house.core.contents.complete(tia, done)
    assert await ask(house, "SELECT reserved_bytes FROM sessions") == sum(sizes)


@pytest.mark.parametrize(("durability", "acknowledged"), [("full", 0), ("content", 3)])
@pytest.mark.parametrize("number", [1, 2, 3], ids=["blob", "session", "sessions"])
async def test_a_folder_that_could_not_be_synced_is_not_asked_a_second_time(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    durability: str,
    acknowledged: int,
    number: int,
):
    """The system tells of a failure once: the second time it says that all is well."""
    fsync, calls = os.fsync, iter(range(1, 100))

    def fail_once(file: int) -> None:
        if next(calls) == number:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        fsync(file)

    async with House(tmp_path / "data", durability=durability) as house:
        tia = await house.member()
        request = a_share()
        await house.core.sharing.share(tia, request)
        monkeypatch.setattr("os.fsync", fail_once)
        told: list[type[Exception]] = []
        for _ in range(2):
            try:
                for index, chunk in enumerate(chunks_of(request)):
                    await put(house.core.chunks, tia, request.content_id, index, chunk)
                await house.core.contents.complete(tia, a_completion(request))
            except (BusyError, ReadOnlyError) as error:
                told.append(type(error))
        assert told == [BusyError, ReadOnlyError]
        content = house.core.contents.get(tia, request.content_id)
        assert (content.state, content.stored_count) == ("uploading", acknowledged)


async def test_what_heals_must_be_on_the_disk_too(house: House, monkeypatch: pytest.MonkeyPatch):
    tia = await house.member()
    request, sent = await share_whole(house, tia)
    _, place = await house.core.chunks.open(tia, request.content_id, 0)
    assert not isinstance(place, bytes)
    place.unlink()
    with pytest.raises(ChunkDamagedError):
        await house.core.chunks.open(tia, request.content_id, 0)
    with monkeypatch.context() as patch:
        patch.setattr("os.fdatasync", failing(1, os.fdatasync))
        with pytest.raises(BusyError):
            await put(house.core.chunks, tia, request.content_id, 0, sent[0])
    with pytest.raises(ChunkDamagedError):
        await house.core.chunks.open(tia, request.content_id, 0)
    await put(house.core.chunks, tia, request.content_id, 0, sent[0])
    await house.core.chunks.open(tia, request.content_id, 0)


async def test_a_broken_disk_is_not_written_to_any_more(
    house: House, monkeypatch: pytest.MonkeyPatch
):
    tia = await house.member()
    request, _ = await share_whole(house, tia)
    begun = a_share()
    await house.core.sharing.share(tia, begun)
    with monkeypatch.context() as patch:
        patch.setattr("os.write", failing(9, os.write))
        for told in (BusyError, BusyError, ReadOnlyError):
            with pytest.raises(told):
                await put(house.core.chunks, tia, begun.content_id, 0, a_chunk(0))
    with pytest.raises(ReadOnlyError):
        await house.core.sharing.share(tia, a_share())
    await house.core.chunks.open(tia, request.content_id, 0)
    await house.core.contents.remove(tia, request.content_id)


def test_a_file_that_was_kept_or_refused_is_closed(tmp_path: Path):
    for name in ("sessions", "tmp"):
        (tmp_path / name).mkdir()
    incoming = ChunkFiles(tmp_path, Disk()).begin()
    incoming.discard()
    incoming.discard()
    assert list((tmp_path / "tmp").iterdir()) == []
