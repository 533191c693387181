"""The client library against a real server: joins, rejoins, members, and two at once."""

from __future__ import annotations

import asyncio
import io
import os
from typing import TYPE_CHECKING

import pytest

from sharethings.client.contents import Content, Unreadable
from sharethings.client.download import Download, read_whole, save
from sharethings.client.errors import DamagedError, NoConnectionError, ServerRefusedError
from sharethings.client.server import Server
from sharethings.client.session import Session
from sharethings.client.upload import share_file, share_stream, share_text
from sharethings.protocol import replies, requests
from sharethings.protocol.errors import (
    ContentNotFoundError,
    SessionNotFoundError,
    WrongPassphraseError,
)
from tests.files import MIB, make_file, sha256_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import StartServer
    from tests.programs import Server as Program

SECONDS = 60
PASSPHRASE = "correct-horse-battery-staple"


@pytest.fixture
def program(server: StartServer) -> Program:
    return server(creations_per_hour=10_000)


async def join(program: Program, name: str = "Tia", *, create: bool = True) -> Session:
    place = Server.parse(program.url)
    return await Session.open(place, "Balcony garden", name, PASSPHRASE, create=create)


async def until(session: Session, condition: Callable[[], object]) -> None:
    async with asyncio.timeout(SECONDS), session.changed:
        await session.changed.wait_for(condition)


def readable(session: Session, content_id: str) -> Content:
    found = session.state.contents[content_id]
    assert isinstance(found, Content)
    return found


async def test_members_see_each_other_and_what_they_share(program: Program):
    async with await join(program) as tia:
        ada = await join(program, "Ada")
        await until(tia, lambda: "Ada" in tia.state.members.values())
        assert set(ada.state.members.values()) == {"Tia", "Ada"}
        content_id = await share_text(ada, "the key is under the pot")
        await until(tia, lambda: content_id in tia.state.contents)
        content = readable(tia, content_id)
        assert await read_whole(tia, content) == b"the key is under the pot"
        assert (content.manifest.sender, content.manifest.kind) == ("Ada", "text")
        await ada.close()
        await until(tia, lambda: "Ada" not in tia.state.members.values())


async def test_a_session_is_joined_only_by_who_knows_it(program: Program):
    with pytest.raises(SessionNotFoundError):
        await join(program, create=False)
    async with await join(program):
        place = Server.parse(program.url)
        with pytest.raises(WrongPassphraseError):
            await Session.open(place, "Balcony garden", "Eve", "something else entirely")
        with pytest.raises(SessionNotFoundError):
            await Session.open(place, "balcony garden", "Eve", PASSPHRASE)


async def test_of_two_who_create_at_once_both_are_in_the_same_session(program: Program):
    tia, ada = await asyncio.gather(join(program), join(program, "Ada"))
    async with tia, ada:
        content_id = await share_text(tia, "one session")
        await until(ada, lambda: content_id in ada.state.contents)
        assert await read_whole(ada, readable(ada, content_id)) == b"one session"


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


async def test_a_member_comes_back_and_learns_what_it_missed(program: Program):
    async with await join(program) as tia:
        kept, removed = [await share_text(tia, text) for text in ("kept", "removed")]
        before = await tia.joined()
        program.restart()
        async with asyncio.timeout(SECONDS):
            await before.control.lost.wait()
        ada = await join(program, "Ada")
        async with ada:
            await ada.request(requests.ContentRemove(content_id=removed), replies.Changed)
            missed = await share_text(ada, "missed")
        await until(tia, lambda: {kept, missed} == tia.state.contents.keys())
        after = await tia.joined()
        assert after is not before
        assert after.token != before.token
        assert await read_whole(tia, readable(tia, missed)) == b"missed"
        await until(tia, lambda: list(tia.state.members.values()) == ["Tia"])


async def test_a_request_is_asked_again_while_the_server_is_away(program: Program):
    async with await join(program) as tia:
        before = await tia.joined()
        program.kill()
        asking = asyncio.create_task(share_text(tia, "patience"))
        async with asyncio.timeout(SECONDS):
            await before.control.lost.wait()
        program.start()
        async with asyncio.timeout(SECONDS):
            content_id = await asking
        await until(tia, lambda: content_id in tia.state.contents)


async def test_a_lost_connection_is_known_at_once(program: Program):
    async with await join(program) as tia:
        tia.patience_seconds = 0.5
        link = await tia.joined()
        os.kill(program.pid, 19)  # SIGSTOP: the server hears, but does not answer
        asking = asyncio.create_task(
            link.control.request(requests.ContentList(limit=1), replies.Page)
        )
        await asyncio.wait({asking}, timeout=0.2)
        assert not asking.done()
        program.kill()
        async with asyncio.timeout(5):
            with pytest.raises(NoConnectionError):
                await asking
            with pytest.raises(NoConnectionError):
                await tia.request(requests.ContentList(limit=1), replies.Page)
        program.start()


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


async def test_older_pages_are_loaded(program: Program):
    async with await join(program) as tia:
        shared = [await share_text(tia, f"text {number}") for number in range(205)]
        async with await join(program, "Ada", create=False) as ada:
            assert len(ada.state.contents) < 205
            await ada.load_all()
            assert [one.content_id for one in ada.state.ordered()] == shared


async def test_a_manifest_of_somebody_without_the_key_is_shown_as_unreadable(program: Program):
    async with await join(program) as tia, await join(program, "Ada") as ada:
        content_id = "ab" * 16
        _, box = tia.keys.new_content(content_id)
        key = bytes(32)
        forged = requests.ContentShare(
            content_id=content_id,
            blob_id=content_id,
            chunk_size=MIB,
            content_box=box,
            manifest=tia.keys.seal_manifest(key, content_id, 1, {"v": 1}),
        )
        await tia.request(forged, replies.Shared)
        await until(ada, lambda: content_id in ada.state.contents)
        assert isinstance(ada.state.contents[content_id], Unreadable)


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


async def test_what_is_no_server_is_said(tmp_path: Path):
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as other:
        port = other.sockets[0].getsockname()[1]
        with pytest.raises(NoConnectionError, match="is no ShareThings server"):
            await Session.open(Server.parse(f"127.0.0.1:{port}"), "s", "Tia", PASSPHRASE)


async def test_an_answer_that_is_not_understood_is_said(program: Program):
    async with await join(program) as tia:
        with pytest.raises(ServerRefusedError, match="content:list is not understood"):
            await tia.request(requests.ContentList(limit=1), replies.Joined)


async def test_reading_may_end_early(program: Program, tmp_path: Path):
    file = tmp_path / "long.bin"
    make_file(file, 9 * MIB)
    async with await join(program) as tia:
        content_id = await share_file(tia, file, lambda _: None)
        await until(tia, lambda: readable(tia, content_id).row.state == "complete")
        pieces = Download(tia, readable(tia, content_id)).pieces()
        assert await anext(pieces) == file.read_bytes()[:MIB]
        await pieces.aclose()  # type: ignore[attr-defined]
        assert [task for task in asyncio.all_tasks() if "_fetch" in repr(task)] == []
