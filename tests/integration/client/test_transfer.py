"""Contents on their way, by the client library and a real server."""

from __future__ import annotations

import asyncio
import io
import os
import resource
from typing import TYPE_CHECKING

import pytest

from sharethings.client.download import Download, read_whole
from sharethings.client.errors import DamagedError
from sharethings.client.saving import save
from sharethings.client.sizes import SMALL_CHUNK_BYTES
from sharethings.client.upload import share_file, share_stream
from sharethings.protocol import replies, requests
from sharethings.protocol.errors import (
    ContentNotFoundError,
)
from sharethings.writing import PIECE_BYTES
from tests.files import MIB, make_file, sha256_of
from tests.integration.client.members import SECONDS, join, readable, until
from tests.writing import calls_of_writing

if TYPE_CHECKING:
    from pathlib import Path

    from tests.programs import Server as Program


async def test_eight_share_and_get_at_the_same_time(program: Program, tmp_path: Path):
    async with await join(program) as tia, await join(program, "Ada") as ada:
        files = [tmp_path / f"{number}.bin" for number in range(4)]
        digests = [make_file(file, 2 * MIB + number) for number, file in enumerate(files)]
        shared = await asyncio.gather(
            *(share_file(one, file, lambda _: None) for one in (tia, ada) for file in files)
        )
        assert len(set(shared)) == 8
        targets = [tmp_path / f"got{number}" for number in range(8)]
        async with asyncio.timeout(SECONDS), ada.changed:
            await ada.changed.wait_for(lambda: set(shared) <= ada.state.contents.keys())
        await asyncio.gather(
            *(
                save(ada, readable(ada, content_id), target, lambda _: None)
                for content_id, target in zip(shared, targets, strict=True)
            )
        )
        assert [sha256_of(target) for target in targets] == digests * 2


async def test_a_stream_is_read_while_it_is_sent(program: Program):
    async with await join(program) as tia, await join(program, "Ada") as ada:
        reader, writer = os.pipe()
        with os.fdopen(reader, "rb") as source, os.fdopen(writer, "wb") as sink:
            sink.write(b"one ")
            sending = asyncio.create_task(share_stream(tia, source, "log", lambda _: None))
            await asyncio.to_thread(sink.write, b"\0" * 2 * MIB)
            await until(ada, lambda: ada.state.contents)
            (found,) = ada.state.contents
            reading = asyncio.create_task(read_whole(ada, readable(ada, found)))
            assert readable(ada, found).manifest.size is None
            sink.write(b" end")
            sink.close()
            assert await sending == found
            whole = await asyncio.wait_for(reading, SECONDS)
        assert (len(whole), whole[:4], whole[-4:]) == (2 * MIB + 8, b"one ", b" end")


async def test_what_came_of_a_quiet_stream_is_there_already(program: Program):
    """A chunk does not wait for the next one to be full, nor for the stream to go on."""
    came = os.urandom(SMALL_CHUNK_BYTES + 1)
    async with await join(program) as tia, await join(program, "Ada") as ada:
        reader, writer = os.pipe()
        with os.fdopen(reader, "rb", 0) as source, os.fdopen(writer, "wb", 0) as sink:
            sink.write(came[:-1])
            sending = asyncio.create_task(share_stream(tia, source, "log", lambda _: None))
            await until(ada, lambda: ada.state.contents)
            (found,) = ada.state.contents
            sink.write(came[-1:])
            place = (ada.keys.session_id, found, 0)
            await ada.persist(lambda link: ada.bulk.get(link.token, *place))
            assert not sending.done()
            sink.close()
            assert await sending == found
        await until(ada, lambda: readable(ada, found).manifest.root is not None)
        assert await read_whole(ada, readable(ada, found)) == came


async def test_a_small_stream_that_ended_is_sent_whole(program: Program):
    async with await join(program) as tia:
        content_id = await share_stream(tia, io.BytesIO(b"a line\n"), "log", lambda _: None)
        await until(tia, lambda: content_id in tia.state.contents)
        assert readable(tia, content_id).row.chunk is not None


async def test_a_content_removed_while_it_is_sent_is_not_waited_for(program: Program):
    async with await join(program) as tia, await join(program, "Ada") as ada:
        reader, writer = os.pipe()
        with os.fdopen(reader, "rb") as source, os.fdopen(writer, "wb") as sink:
            sending = asyncio.create_task(share_stream(tia, source, "log", lambda _: None))
            await asyncio.to_thread(sink.write, bytes(MIB + 1))
            await until(ada, lambda: ada.state.contents)
            (found,) = ada.state.contents
            reading = asyncio.create_task(read_whole(ada, readable(ada, found)))
            await ada.request(requests.ContentRemove(content_id=found), replies.Changed)
            with pytest.raises(ContentNotFoundError):
                await asyncio.wait_for(reading, SECONDS)
            sink.close()
            with pytest.raises(ContentNotFoundError):
                await asyncio.wait_for(sending, SECONDS)


async def test_an_upload_that_is_cancelled_leaves_nothing(program: Program):
    async with await join(program) as tia:
        reader, writer = os.pipe()
        with os.fdopen(reader, "rb") as source, os.fdopen(writer, "wb") as sink:
            sending = asyncio.create_task(share_stream(tia, source, "log", lambda _: None))
            await asyncio.to_thread(sink.write, bytes(MIB))
            await until(tia, lambda: tia.state.contents)
            sending.cancel()
            await asyncio.wait({sending})
            assert sending.cancelled()
            await until(tia, lambda: not tia.state.contents)


async def test_a_stream_of_nothing_is_a_content(program: Program):
    async with await join(program) as tia:
        content_id = await share_stream(tia, io.BytesIO(b""), "empty.log", lambda _: None)
        await until(tia, lambda: content_id in tia.state.contents)
        await until(tia, lambda: readable(tia, content_id).manifest.root is not None)
        assert await read_whole(tia, readable(tia, content_id)) == b""


async def test_chunks_of_another_place_are_refused(program: Program, tmp_path: Path):
    file = tmp_path / "ledger.bin"
    make_file(file, 3 * MIB)
    async with await join(program) as tia:
        content_id = await share_file(tia, file, lambda _: None)
        await until(tia, lambda: readable(tia, content_id).row.state == "complete")
        content = readable(tia, content_id)
        fetch = tia.bulk.get

        async def swapped(token: str, session_id: str, content_id: str, index: int) -> bytes:
            return await fetch(token, session_id, content_id, 1 - index if index < 2 else index)

        tia.bulk.get = swapped  # type: ignore[method-assign]
        with pytest.raises(DamagedError):
            await save(tia, content, tmp_path / "got", lambda _: None)
    assert not {"got", "got.part"} & set(await asyncio.to_thread(os.listdir, tmp_path))


async def test_what_is_saved_is_on_its_way_to_the_disk_while_more_comes(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """In small pieces: large ones cost a virtual machine several times as much."""
    digest = make_file(tmp_path / "file", 9 * MIB)
    async with await join(program) as tia, await join(program, "Ada") as ada:
        shared = await share_file(tia, tmp_path / "file", lambda _: None)
        await until(ada, lambda: shared in ada.state.contents)
        calls = calls_of_writing(monkeypatch)
        await save(ada, readable(ada, shared), tmp_path / "got", lambda _: None)
        chunks = readable(ada, shared).manifest.chunks
        monkeypatch.undo()
    assert sha256_of(tmp_path / "got") == digest
    assert calls.count("writeback") == chunks
    assert max(call for call in calls if isinstance(call, int)) == PIECE_BYTES


async def test_a_disk_without_room_is_said_with_the_file(program: Program, tmp_path: Path):
    file, target = tmp_path / "big.bin", tmp_path / "got.bin"
    digest = make_file(file, 9 * MIB)
    told: list[str] = []
    async with await join(program, say=told.append) as tia:
        content_id = await share_file(tia, file, lambda _: None)
        await until(tia, lambda: readable(tia, content_id).row.state == "complete")
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (6 * MIB, limits[1]))
        try:
            with pytest.raises(OSError, match=r"File too large.*got\.bin'"):
                await save(tia, readable(tia, content_id), target, lambda _: None)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert told == [f"What has come is kept as {target}.part: get it again to go on."]
        await save(tia, readable(tia, content_id), target, lambda _: None)
    assert sha256_of(target) == digest
    assert set(tmp_path.glob("got*")) == {target}


async def test_reading_may_end_early(program: Program, tmp_path: Path):
    file = tmp_path / "long.bin"
    make_file(file, 9 * MIB)
    async with await join(program) as tia:
        content_id = await share_file(tia, file, lambda _: None)
        await until(tia, lambda: readable(tia, content_id).row.state == "complete")
        pieces = Download(tia, readable(tia, content_id)).pieces()
        assert await anext(pieces) == file.read_bytes()[:MIB]
        await pieces.aclose()  # type: ignore[attr-defined]
        assert [task for task in asyncio.all_tasks() if "fetch" in repr(task)] == []
