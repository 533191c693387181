"""A download that was cut off is gone on with, whatever it was cut by and whoever touched it."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Self

import msgspec
import pytest

from sharethings.client.errors import OtherRootError, RolledBackError, TargetExistsError
from sharethings.client.parts import ENTRY, HEADER_BYTES
from sharethings.client.saving import save
from sharethings.client.sending import Upload
from sharethings.client.sizes import MEDIUM_CHUNK_BYTES as CHUNK_BYTES
from sharethings.client.upload import share_file
from sharethings.protocol import replies
from sharethings.protocol.limits import CHUNK_OVERHEAD_BYTES
from tests.files import make_file, sha256_of
from tests.integration.client.members import SECONDS, join, readable, until

if TYPE_CHECKING:
    from pathlib import Path

    from sharethings.client.contents import Content
    from sharethings.client.session import Session
    from tests.programs import Server as Program

COUNT = 9


class Fetched:
    """Which chunks a member fetches while this is entered; those at `held` do not come."""

    def __init__(self, member: Session, *held: int) -> None:
        self.indexes: list[int] = []
        self.is_held = asyncio.Event()
        self._held = held
        self._bulk = member.bulk
        self._fetch = member.bulk.get

    def __enter__(self) -> Self:
        self._bulk.get = self._get  # type: ignore[method-assign]
        return self

    def __exit__(self, *_error: object) -> None:
        self._bulk.get = self._fetch  # type: ignore[method-assign]

    async def _get(self, token: str, session_id: str, content_id: str, index: int) -> bytes:
        if index in self._held:
            self.is_held.set()
            await asyncio.Event().wait()
        chunk = await self._fetch(token, session_id, content_id, index)
        self.indexes.append(index)
        return chunk


async def shared(member: Session, file: Path) -> Content:
    content_id = await share_file(member, file, lambda _: None)
    await until(member, lambda: readable(member, content_id).row.state == "complete")
    return readable(member, content_id)


async def cut_off(member: Session, content: Content, target: Path, *lacking: int) -> None:
    """Save a content until all but `lacking` is there, and be cut off.

    What is told of a chunk is told when the next has come.
    """
    got = asyncio.Semaphore(0)

    def count(size: int) -> None:
        if size:
            got.release()

    with Fetched(member, *lacking) as fetched:
        saving = asyncio.create_task(save(member, content, target, count))
        async with asyncio.timeout(SECONDS):
            for _ in range(COUNT - len(lacking) - 1):
                await got.acquire()
        await end(saving)
    assert sorted(fetched.indexes) == [index for index in range(COUNT) if index not in lacking]


async def end(saving: asyncio.Task[None]) -> None:
    saving.cancel()
    await asyncio.wait({saving})
    assert saving.cancelled()


async def test_only_what_is_lacking_or_changed_is_fetched_again(program: Program, tmp_path: Path):
    file, target = tmp_path / "film.mkv", tmp_path / "got.mkv"
    digest = make_file(file, COUNT * CHUNK_BYTES - 5)
    told: list[str] = []
    async with await join(program, say=told.append) as tia:
        content = await shared(tia, file)
        await cut_off(tia, content, target, 1, 4)
        assert told == [f"What has come is kept as {target}.part: get it again to go on."]
        part = tmp_path / "got.mkv.part"
        with part.open("r+b") as written:
            written.seek(3 * CHUNK_BYTES)
            written.write(b"torn by a power cut")
        progressed: list[int] = []
        with Fetched(tia) as fetched:
            await save(tia, content, target, progressed.append)
        assert sorted(fetched.indexes) == [1, 3, 4]
        assert sum(progressed) == COUNT * CHUNK_BYTES - 5
    assert sha256_of(target) == digest
    assert set(tmp_path.glob("got*")) == {target}


async def test_an_entry_that_was_made_up_or_moved_is_not_believed(program: Program, tmp_path: Path):
    file, target = tmp_path / "film.mkv", tmp_path / "got.mkv"
    digest = make_file(file, COUNT * CHUNK_BYTES)
    async with await join(program) as tia:
        content = await shared(tia, file)
        await cut_off(tia, content, target, 4)
        with (tmp_path / "got.mkv.part-record").open("r+b") as record:
            record.seek(HEADER_BYTES)
            first, second = record.read(ENTRY.size), record.read(ENTRY.size)
            record.seek(HEADER_BYTES)
            record.write(second + first + bytes(ENTRY.size - 1) + b"?")
        with Fetched(tia) as fetched:
            await save(tia, content, target, lambda _: None)
        assert sorted(fetched.indexes) == [0, 1, 2, 4]
    assert sha256_of(target) == digest


async def test_what_is_in_the_way_is_not_touched(program: Program, tmp_path: Path):
    file, target = tmp_path / "film.mkv", tmp_path / "got.mkv"
    part, record = tmp_path / "got.mkv.part", tmp_path / "got.mkv.part-record"
    make_file(file, COUNT * CHUNK_BYTES)
    mine = tmp_path / "mine"
    mine.write_bytes(b"mine")
    async with await join(program) as tia:
        content = await shared(tia, file)

        async def is_refused(why: str) -> None:
            before = {path.name: os.lstat(path) for path in tmp_path.glob("*")}
            with pytest.raises(TargetExistsError, match=why):
                await save(tia, content, target, lambda _: None)
            assert mine.read_bytes() == b"mine"
            assert before.keys() == {path.name for path in tmp_path.glob("*")}

        part.write_bytes(b"of an older version")
        await is_refused("is of another download")
        part.unlink()
        for place in (part, record):
            place.symlink_to(mine)
            await is_refused("cannot be gone on with|is of another download")
            place.unlink()
            os.link(mine, place)
            await is_refused("not a plain file of your own|is of another download")
            place.unlink()
            os.mkfifo(place)
            await is_refused("not a plain file of your own|is of another download")
            place.unlink()
            record.unlink(missing_ok=True)
        await cut_off(tia, content, target, 4)
        other = await shared(tia, mine)
        with pytest.raises(TargetExistsError, match="is of another download"):
            await save(tia, other, target, lambda _: None)
        with Fetched(tia, 4) as fetched:
            saving = asyncio.create_task(save(tia, content, target, lambda _: None))
            await asyncio.wait_for(fetched.is_held.wait(), SECONDS)
            await is_refused("Another download writes")
            await end(saving)
        os.link(part, target)
        with pytest.raises(TargetExistsError, match="exists already"):
            await save(tia, content, target, lambda _: None)
        assert set(tmp_path.glob("got*")) == {target}, "a crash after the end leaves nothing"


async def test_an_older_manifest_or_another_root_is_refused_when_going_on(
    program: Program, tmp_path: Path
):
    file, target = tmp_path / "film.mkv", tmp_path / "got.mkv"
    make_file(file, COUNT * CHUNK_BYTES)
    async with await join(program) as tia:
        content = await shared(tia, file)
        await cut_off(tia, content, target, 4)
        with pytest.raises(RolledBackError):
            await save(tia, replace(content, manifest_revision=1), target, lambda _: None)
        manifest = msgspec.structs.replace(content.manifest, root="ab" * 32)
        with pytest.raises(OtherRootError):
            await save(tia, replace(content, manifest=manifest), target, lambda _: None)
        assert not set(tmp_path.glob("got*"))


async def test_a_stream_that_had_no_end_yet_is_whole_when_it_has(program: Program, tmp_path: Path):
    """Its last chunk came before anybody could know that there is no other."""
    pieces, target = [os.urandom(CHUNK_BYTES), b"the end"], tmp_path / "got"
    async with await join(program) as tia, await join(program, "Ada") as ada:
        upload = Upload(tia, "file", "stdin", "", CHUNK_BYTES)
        await tia.request(upload._share(None), replies.Shared)
        for index, piece in enumerate(pieces):
            await upload._put(index, upload._sealer.seal(index, piece, last=index == 1))
        await until(ada, lambda: upload.content_id in ada.state.contents)
        content = readable(ada, upload.content_id)
        size = sum(len(piece) for piece in pieces)

        async def get() -> tuple[asyncio.Task[None], list[int]]:
            told, is_all = list[int](), asyncio.Event()

            def count(size_of_one: int) -> None:
                told.append(size_of_one)
                if sum(told) == size - CHUNK_BYTES:  # the rest is told when it is done
                    is_all.set()

            saving = asyncio.create_task(save(ada, content, target, count))
            await asyncio.wait_for(is_all.wait(), SECONDS)
            return saving, told

        saving, told = await get()
        await end(saving)
        assert sum(told) < size
        with Fetched(ada) as fetched:
            saving, told = await get()
            assert sum(told) < size
            upload._members |= {"size": size, "chunks": 2}
            await upload._complete(2, size + 2 * CHUNK_OVERHEAD_BYTES)
            await asyncio.wait_for(saving, SECONDS)
        assert fetched.indexes == []
        assert sum(told) == size
    assert target.read_bytes() == b"".join(pieces)


async def test_zeros_that_are_missing_at_the_end_are_fetched_again(
    program: Program, tmp_path: Path
):
    file = tmp_path / "disk.img"
    whole, tail = (COUNT - 1) * CHUNK_BYTES, 5000
    with file.open("wb") as image:
        image.write(os.urandom(whole))
        image.truncate(whole + tail)
    async with await join(program) as member:
        content = await shared(member, file)
        target = tmp_path / "got.img"
        await cut_off(member, content, target, 0)
        os.truncate(f"{target}.part", whole + 100)  # what reached the disk when the power went
        with Fetched(member) as fetched:
            await save(member, content, target, lambda _: None)
        assert sorted(fetched.indexes) == [0, COUNT - 1]
        assert sha256_of(target) == sha256_of(file)
