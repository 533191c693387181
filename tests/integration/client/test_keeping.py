"""Who sends is the sender of its row, whatever becomes of connections; the row is kept."""

from __future__ import annotations

import asyncio
import os
import time
from typing import TYPE_CHECKING, Any

import pytest

from sharethings.client.keeping import KEEP_LEAST_SECONDS
from sharethings.client.upload import share_file, share_stream
from sharethings.protocol.requests import ContentShare
from tests.files import MIB, make_file
from tests.integration.client.members import SECONDS, Puts, join, readable, until
from tests.proxy import Proxy

if TYPE_CHECKING:
    from pathlib import Path

    from sharethings.protocol.requests import Request
    from tests.conftest import StartServer
    from tests.programs import Server as Program


@pytest.mark.parametrize("how", ["reset", "restart"])
async def test_who_has_joined_again_is_the_sender_again(program: Program, tmp_path: Path, how: str):
    file = tmp_path / "film.mkv"
    make_file(file, 8 * MIB)
    with Proxy(program.port) as proxy:
        async with await join(program, url=proxy.url) as tia, await join(program, "Ada") as ada:
            puts = Puts(tia, 2)
            sending = asyncio.create_task(share_file(tia, file, lambda _: None))
            await puts.stopped.wait()
            before = tia.keys.member_id
            if how == "reset":
                await asyncio.to_thread(proxy.reset)
            else:
                await asyncio.to_thread(program.restart)
            (content_id,) = tia.state.contents

            def is_sent_by_tia() -> bool:
                row = readable(ada, content_id).row
                return row.sender == tia.keys.member_id != before

            async with asyncio.timeout(SECONDS / 2):
                await until(ada, is_sent_by_tia)
            assert readable(ada, content_id).row.state == "uploading"
            puts.released.set()
            assert await sending == content_id
            await until(ada, lambda: readable(ada, content_id).row.state == "complete")


async def test_who_sends_a_stream_that_rests_is_its_sender(server: StartServer):
    """A server ends a connection on which nobody asks anything; its member joins again."""
    program = server(connection_idle_seconds=1)
    async with await join(program) as tia:
        reader, writer = os.pipe()
        with os.fdopen(reader, "rb", buffering=0) as source, os.fdopen(writer, "wb") as sink:
            sending = asyncio.create_task(share_stream(tia, source, "log", lambda _: None))
            sink.write(b"a" * 30_000)
            sink.flush()
            await until(tia, lambda: tia.state.contents)
            (content_id,) = tia.state.contents
            first = readable(tia, content_id).row.sender
            async with asyncio.timeout(SECONDS / 2):
                await until(tia, lambda: readable(tia, content_id).row.sender != first)
            sink.close()
            assert await sending == content_id


@pytest.mark.parametrize("said_seconds", [0, -1])
async def test_a_server_that_says_it_keeps_nothing_is_asked_at_a_bearable_pace(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said_seconds: int
):
    file = tmp_path / "film.mkv"
    make_file(file, 4 * MIB)
    async with await join(program) as tia:
        tia.unfinished_seconds = said_seconds
        control = (await tia.joined()).control
        ask, shares = control.request, 0

        async def counted(request: Request, *rest: Any) -> Any:
            nonlocal shares
            shares += isinstance(request, ContentShare)
            return await ask(request, *rest)

        monkeypatch.setattr(control, "request", counted)
        puts = Puts(tia, 1)
        began = time.monotonic()
        sending = asyncio.create_task(share_file(tia, file, lambda _: None))
        await puts.stopped.wait()
        await asyncio.sleep(2 * KEEP_LEAST_SECONDS)
        assert 2 <= shares <= 1 + (time.monotonic() - began) / KEEP_LEAST_SECONDS
        puts.released.set()
        await sending
