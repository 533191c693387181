"""A content is received while it is sent: chunk by chunk, over a sender who goes and comes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from sharethings.client import arriving
from sharethings.client.download import Download
from sharethings.client.saving import save
from sharethings.client.sending import Upload
from sharethings.client.sizes import MEDIUM_CHUNK_BYTES as CHUNK_BYTES
from sharethings.client.source import FileSource
from sharethings.protocol import replies, requests
from sharethings.protocol.errors import ChunkNotFoundError, ContentNotFoundError
from tests.files import make_file, sha256_of
from tests.integration.client.members import SECONDS, join, readable, until

if TYPE_CHECKING:
    from pathlib import Path

    from sharethings.client.session import Session
    from tests.programs import Server as Program


class Sender:
    """A file that a member sends chunk by chunk, as the test says."""

    def __init__(self, member: Session, file: Path) -> None:
        self.source = FileSource(file)
        layout = self.source.layout
        self._upload = Upload(member, "file", file.name, "", layout.chunk_size)
        self._upload._members |= {"size": layout.size, "chunks": layout.chunk_count}
        self.content_id = self._upload.content_id
        self._member = member

    async def share(self) -> None:
        request = self._upload._share(self.source.layout)
        await self._member.request(request, replies.Shared)

    async def put(self, *indexes: int) -> None:
        last = self.source.layout.chunk_count - 1
        for index in indexes:
            piece = self.source.read(index)
            chunk = self._upload._sealer.seal(index, piece, last=index == last)
            await self._upload._put(index, chunk)

    async def complete(self) -> None:
        layout = self.source.layout
        await self._upload._complete(layout.chunk_count, layout.total_size)


def when_missed(member: Session) -> asyncio.Event:
    """Give an event that is set once a chunk that was asked for is not there."""
    missed, fetch = asyncio.Event(), member.bulk.get

    async def get(token: str, session_id: str, content_id: str, index: int) -> bytes:
        try:
            return await fetch(token, session_id, content_id, index)
        except ChunkNotFoundError:
            missed.set()
            raise

    member.bulk.get = get  # type: ignore[method-assign]
    return missed


async def test_a_chunk_that_is_not_there_yet_is_waited_for_and_no_damage(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(arriving, "POLL_SECONDS", 2 * SECONDS)  # announcements wake it
    make_file(tmp_path / "film.mkv", 3 * CHUNK_BYTES)
    told: list[str] = []
    async with await join(program) as tia, await join(program, "Ada", say=told.append) as ada:
        ada.patience_seconds = 0
        sender = Sender(tia, tmp_path / "film.mkv")
        await sender.share()
        await sender.put(0, 2)
        await until(ada, lambda: sender.content_id in ada.state.contents)
        missed = when_missed(ada)
        pieces = Download(ada, readable(ada, sender.content_id)).pieces()
        async with asyncio.timeout(SECONDS):
            assert await anext(pieces) == sender.source.read(0)
            second = asyncio.ensure_future(anext(pieces))
            await missed.wait()
            await sender.put(1)
            assert await second == sender.source.read(1)
            third = asyncio.ensure_future(anext(pieces))
            await sender.complete()
            assert await third == sender.source.read(2)
            with pytest.raises(StopAsyncIteration):
                await anext(pieces)
    assert told == ["film.mkv is still being sent: it is taken as it comes."]


async def test_a_sender_who_went_is_waited_for_by_name(program: Program, tmp_path: Path):
    file, target = tmp_path / "film.mkv", tmp_path / "got.mkv"
    digest = make_file(file, 3 * CHUNK_BYTES)
    told: asyncio.Queue[str] = asyncio.Queue()
    async with await join(program) as tia, await join(program, "Ada", say=told.put_nowait) as ada:
        sender = Sender(tia, file)
        await sender.share()
        await sender.put(1)
        await until(ada, lambda: sender.content_id in ada.state.contents)
        content = readable(ada, sender.content_id)
        saving = asyncio.create_task(save(ada, content, target, lambda _: None))
        async with asyncio.timeout(SECONDS):
            assert await told.get() == "film.mkv is still being sent: it is taken as it comes."
            assert tia._link is not None
            await (
                tia._link.control.close()
            )  # the connection is lost; Tia comes back as a new member
            assert await told.get() == "Waiting for Tia: film.mkv is not all there yet…"
            await sender.put(2, 0)
            assert await told.get() == "It goes on."
            await sender.complete()
            await saving
    assert sha256_of(target) == digest


async def test_waiting_ends_with_the_reason_when_the_content_goes(program: Program, tmp_path: Path):
    file, target = tmp_path / "film.mkv", tmp_path / "got.mkv"
    make_file(file, 3 * CHUNK_BYTES)
    async with await join(program) as tia, await join(program, "Ada") as ada:
        sender = Sender(tia, file)
        await sender.share()
        await sender.put(0)
        await until(ada, lambda: sender.content_id in ada.state.contents)
        missed = when_missed(ada)
        content = readable(ada, sender.content_id)
        saving = asyncio.create_task(save(ada, content, target, lambda _: None))
        async with asyncio.timeout(SECONDS):
            await missed.wait()
            await tia.request(requests.ContentRemove(content_id=sender.content_id), replies.Changed)
            with pytest.raises(ContentNotFoundError, match="removed"):  # told, or met by asking
                await saving
    assert not await asyncio.to_thread(lambda: list(tmp_path.glob("got*")))
