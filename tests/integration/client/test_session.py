"""The client library against a real server: joins, rejoins, members, and two at once."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any

import pytest
from socketio import AsyncClient

from sharethings.client.contents import Unreadable
from sharethings.client.download import read_whole
from sharethings.client.errors import NoConnectionError, ServerRefusedError
from sharethings.client.server import Server
from sharethings.client.session import Session
from sharethings.client.upload import share_text
from sharethings.protocol import replies, requests
from sharethings.protocol.announcements import ContentsCleared
from sharethings.protocol.errors import (
    NotJoinedError,
    SessionNotFoundError,
    ThrottledError,
    WrongPassphraseError,
)
from tests.files import MIB
from tests.integration.client.members import PASSPHRASE, SECONDS, join, readable, until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.programs import Server as Program


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
        tia.away_seconds = 0.5
        link = await tia.joined()
        os.kill(program.pid, 19)  # SIGSTOP: the server hears, but does not answer
        asking = asyncio.create_task(
            link.control.request(requests.ContentList(limit=1), replies.Page)
        )
        await asyncio.wait({asking}, timeout=0.2)
        assert not asking.done()
        program.kill()
        async with asyncio.timeout(5):
            with pytest.raises(NoConnectionError, match=f"{program.url} was lost"):
                await asking
            with pytest.raises(NoConnectionError, match=f"{program.url} did not come back"):
                await tia.request(requests.ContentList(limit=1), replies.Page)
        program.start()


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


@pytest.mark.parametrize("passing", [ThrottledError(retry_after_seconds=0), NotJoinedError()])
async def test_catching_up_outlasts_a_failure_that_passes(program: Program, passing: Exception):
    async with await join(program) as tia, await join(program, "Ada") as ada:
        link = await tia.joined()
        failures = [passing]
        ask = link.control.request

        async def failing(request: Any, *more: Any, **named: Any) -> Any:
            if isinstance(request, requests.ContentList) and failures:
                raise failures.pop()
            return await ask(request, *more, **named)

        link.control.request = failing  # type: ignore[method-assign]
        skipped = ContentsCleared(revision=(tia.state.revision or 0) + 9, reason="cleared")
        link.control.announcements.put_nowait(skipped)
        content_id = await share_text(ada, "after the gap")
        await until(tia, lambda: not failures and content_id in tia.state.contents)
        assert tia.end is None


async def test_a_session_that_is_left_while_it_comes_back_is_left(program: Program):
    """What connects gets its answer in the same turn of the loop in which it is cancelled."""
    tia = await join(program)
    keeper, link = tia._keeper, tia._link
    assert keeper is not None
    assert link is not None
    connected = asyncio.Event()
    connect: Any = AsyncClient.connect

    async def connect_and_tell(socket: AsyncClient, *arguments: object, **options: object) -> None:
        tell = asyncio.create_task(_tell(socket, connected))
        await connect(socket, *arguments, **options)
        await tell

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(AsyncClient, "connect", connect_and_tell)
        await link.control.close()
        await connected.wait()
        async with asyncio.timeout(SECONDS):
            await tia.close()
    assert keeper.cancelled()


async def _tell(socket: AsyncClient, connected: asyncio.Event) -> None:
    while socket._connect_event is None:  # noqa: ASYNC110 - it makes it on its way
        await asyncio.sleep(0)
    await socket._connect_event.wait()
    connected.set()
