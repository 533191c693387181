"""What lasts long is not given up for it; what gives nothing is."""

from __future__ import annotations

import asyncio
import io
import logging
import os
import signal
import sys
import time
from typing import TYPE_CHECKING

import pytest

from sharethings.cli import share as share_module
from sharethings.client import bulk as bulk_module
from sharethings.client import retry as retry_module
from sharethings.client import sending as upload_module
from sharethings.client.download import read_whole
from sharethings.client.errors import NoConnectionError
from sharethings.client.links import TRIES_COUNT
from sharethings.client.pipe import Pipe
from sharethings.client.saving import save
from sharethings.client.sending import Upload
from sharethings.client.sizes import SMALL_CHUNK_BYTES
from sharethings.client.upload import share_file
from sharethings.protocol import replies, requests
from sharethings.protocol.errors import BusyError, InternalError, StorageFullError
from tests.files import MIB, make_file, sha256_of
from tests.integration.client.members import SECONDS, Puts, join, readable, until
from tests.programs import wait_until
from tests.proxy import Proxy

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sharethings.client.links import Link
    from tests.conftest import StartServer
    from tests.programs import Server as Program

LINE_BYTES_PER_SECOND = 20_000
CHUNK_BYTES = 4 * SMALL_CHUNK_BYTES


async def test_an_act_that_lasted_long_and_failed_is_tried_again(program: Program):
    async with await join(program) as tia:
        tia.away_seconds = 0.4
        tries = 0

        async def act(link: Link) -> int:
            nonlocal tries
            tries += 1
            if tries == 1:
                ends_at = time.monotonic() + 2 * tia.away_seconds
                await asyncio.to_thread(wait_until, lambda: time.monotonic() > ends_at, "later")
                raise NoConnectionError
            await link.control.request(requests.ContentList(limit=1), replies.Page)
            return tries

        assert await tia.persist(act) == 2


async def test_what_goes_well_meanwhile_gives_patience_with_what_fails(
    program: Program, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(retry_module, "LAST_SECONDS", 0.5)
    async with await join(program) as tia:
        tia.away_seconds = 1.5  # more than the longest wait
        begun = time.monotonic()

        async def failing(_link: Link) -> None:
            if time.monotonic() < begun + 4 * tia.away_seconds:
                raise BusyError

        trying = asyncio.create_task(tia.persist(failing))
        while not trying.done():
            await tia.request(requests.ContentList(limit=1), replies.Page)
            await asyncio.sleep(0.1)  # a member may ask 15 times a second
        await trying
        begun = time.monotonic()
        with pytest.raises(BusyError):
            await tia.persist(failing)


async def test_a_wait_that_is_asked_for_and_too_long_is_not_begun(program: Program):
    async with await join(program) as tia:

        async def failing(_link: Link) -> None:
            raise BusyError(retry_after_seconds=3600)

        async with asyncio.timeout(5):
            with pytest.raises(BusyError):
                await tia.persist(failing)


async def test_a_completion_that_takes_long_is_waited_for(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Its server may have thousands of files to bring onto its disk."""
    monkeypatch.setattr(upload_module, "REQUEST_SECONDS", 0.2)
    monkeypatch.setattr(upload_module, "SYNC_SECONDS", 0.1)
    file = tmp_path / "film.mkv"
    make_file(file, 2 * MIB)
    async with await join(program) as tia:
        link = await tia.joined()
        asked: list[float] = []
        ask = link.control.request

        async def noted(request: requests.Request, kind: type, seconds: float = 30.0):
            if not isinstance(request, requests.ContentComplete):
                return await ask(request, kind, seconds)
            asked.append(seconds)
            os.kill(program.pid, signal.SIGSTOP)
            try:
                return await ask(request, kind, seconds)
            finally:
                os.kill(program.pid, signal.SIGCONT)

        link.control.request = noted  # type: ignore[method-assign]
        async with asyncio.timeout(SECONDS):
            content_id = await share_file(tia, file, lambda _: None)
        assert asked == [pytest.approx(0.2 + 2 * 0.1)]
        assert await tia.joined() is not link, "it was asked again over another connection"
        await until(tia, lambda: readable(tia, content_id).row.state == "complete")


async def test_a_stalled_body_ends_by_itself_and_is_sent_again(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(bulk_module, "STALL_SECONDS", 0.5)
    file = tmp_path / "film.mkv"
    make_file(file, 8 * MIB)
    told: list[str] = []
    with Proxy(program.port) as proxy:
        async with await join(program, url=proxy.url, say=told.append) as tia:
            proxy.bytes_per_second = 2 * MIB  # or it would be there before the line stalls
            sending = asyncio.create_task(share_file(tia, file, lambda _: None))
            await until(tia, lambda: tia.state.contents)
            proxy.stall()
            await asyncio.to_thread(wait_until, lambda: bool(told), "it is noticed", 10)
            proxy.bytes_per_second = None
            proxy.flow()
            async with asyncio.timeout(SECONDS):
                content_id = await sending
            await until(tia, lambda: readable(tia, content_id).row.state == "complete")


async def test_a_slow_line_carries_one_chunk_at_a_time(server: StartServer):
    """Of four at once none would arrive in the time that a server waits for a body."""
    program = server(body_seconds=1)
    size = 4 * CHUNK_BYTES + 1
    with Proxy(program.port) as proxy:
        async with await join(program, url=proxy.url) as tia:
            upload = Upload(tia, "file", "film.mkv", "", CHUNK_BYTES)
            proxy.bytes_per_second = LINE_BYTES_PER_SECOND
            before = proxy.sent_bytes
            async with asyncio.timeout(SECONDS):
                pieces = Pipe(io.BytesIO(bytes(size))).pieces(CHUNK_BYTES)
                await upload.send_stream(pieces, lambda _: None)
            assert proxy.sent_bytes - before < 1.05 * size
            proxy.bytes_per_second = None
            await until(tia, lambda: readable(tia, upload.content_id).row.state == "complete")


async def test_a_connection_that_answers_no_more_is_left_for_another(program: Program):
    with Proxy(program.port) as proxy:
        async with await join(program, url=proxy.url) as tia:
            link = await tia.joined()
            for logger in (link.control._socket.logger, link.control._socket.eio.logger):
                assert not logger.isEnabledFor(logging.CRITICAL), "it would be told beside the bars"
            proxy.stall()
            request = requests.ContentList(limit=1)
            asking = asyncio.create_task(tia.request(request, replies.Page, seconds=0.2))
            async with asyncio.timeout(10):  # socketio itself notices after 45 s
                await link.control.lost.wait()
            proxy.flow()
            assert (await asking).contents == []
            assert await tia.joined() is not link


async def test_a_transfer_outlasts_a_server_that_is_away(program: Program, tmp_path: Path):
    """As long as a router takes to start again, and longer: nobody sits before it."""
    file, got, told = tmp_path / "film.mkv", tmp_path / "got", list[str]()
    digest = make_file(file, 3 * MIB)
    async with await join(program, say=told.append) as tia:
        tia.patience_seconds = 0.1
        puts = Puts(tia, stop_after=1)
        sharing = asyncio.create_task(share_file(tia, file, lambda _: None))
        await puts.stopped.wait()
        await away(program, puts.released.set)
        async with asyncio.timeout(SECONDS):
            content_id = await sharing
        await until(tia, lambda: readable(tia, content_id).row.state == "complete")
        link = await tia.joined()
        program.kill()
        async with asyncio.timeout(SECONDS):
            await link.control.lost.wait()
        saving = asyncio.create_task(save(tia, readable(tia, content_id), got, lambda _: None))
        await away(program, lambda: None)
        async with asyncio.timeout(SECONDS):
            await saving
    assert sha256_of(got) == digest
    waiting = f"The connection to {program.url} is lost; waiting for the server…"
    assert told == [waiting, "It goes on."] * 2


async def away(program: Program, then: Callable[[], None]) -> None:
    """Be away for longer than a refusal is borne."""
    if program.is_running:
        program.kill()
    then()
    await asyncio.sleep(2)
    program.start()


async def test_a_proxy_without_its_server_is_waited_for_as_long_as_it_asks(program: Program):
    async with await join(program) as tia:
        tia.away_seconds, tia.patience_seconds = 3.0, 0.1
        tries = 0

        async def act(_link: Link) -> int:
            nonlocal tries
            tries += 1
            if tries == 1:
                raise bulk_module._failure(503, "1", b"<html>")
            return tries

        assert await tia.persist(act) == 2


async def test_who_refuses_when_it_is_back_is_asked_again(
    program: Program, monkeypatch: pytest.MonkeyPatch
):
    """As after a restart, when the first that is heard is that one has to join again."""
    monkeypatch.setattr(retry_module, "LAST_SECONDS", 0.5)
    async with await join(program) as tia:
        tia.away_seconds, tia.patience_seconds = 30.0, 2.0
        tries = 0
        begun = time.monotonic()

        async def act(_link: Link) -> int:
            nonlocal tries
            tries += 1
            if time.monotonic() < begun + 3 or tries < TRIES_COUNT:
                raise BusyError(retry_after_seconds=0)
            if not refused:
                refused.append(tries)
                raise InternalError(retry_after_seconds=0)
            return tries

        refused: list[int] = []
        assert await tia.persist(act) == refused[0] + 1


async def test_standard_input_waits_for_room_longer_than_a_file(
    program: Program, monkeypatch: pytest.MonkeyPatch
):
    """What has passed by cannot be read again."""
    read, write = os.pipe()
    with os.fdopen(read) as stdin, os.fdopen(write, "wb", buffering=0) as sink:
        monkeypatch.setattr(sys, "stdin", stdin)
        async with await join(program) as tia:
            tia.patience_seconds = 0.2
            sharing = asyncio.create_task(share_module.share_one(tia, "-", "log"))
            sink.write(b"before")
            put = tia.bulk.put
            ends_at = time.monotonic() + 3

            async def full(
                token: str,
                session_id: str,
                content_id: str,
                index: int,
                chunk: bytes,
                digest: bytes,
            ):
                if time.monotonic() < ends_at:
                    raise StorageFullError(retry_after_seconds=0)
                return await put(token, session_id, content_id, index, chunk, digest)

            tia.bulk.put = full  # type: ignore[method-assign]
            await until(tia, lambda: tia.state.contents)
            sink.write(b", after")
            sink.close()
            async with asyncio.timeout(SECONDS):
                content_id = await sharing
            assert await read_whole(tia, readable(tia, content_id)) == b"before, after"
