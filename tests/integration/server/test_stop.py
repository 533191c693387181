"""A server that is told to stop finishes what it has begun."""

from __future__ import annotations

import asyncio
import signal
import socket
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import aiohttp
import pytest

from tests.integration.server.knock import Knocker
from tests.programs import wait_until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.conftest import StartServer


def refuses(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except ConnectionRefusedError:
        return True
    return False


async def test_a_chunk_on_its_way_is_stored_before_the_server_ends(server: StartServer):
    started = server()
    async with Knocker(started.url) as zoe:
        await zoe.start()
        fields = zoe.content(40_000)
        await zoe.ask("content:share", **fields)
        chunk = zoe.chunk(0, 16384, last=False)
        begun, told = asyncio.Event(), asyncio.Event()

        async def body() -> AsyncIterator[bytes]:
            yield chunk[:1000]
            begun.set()
            await told.wait()
            yield chunk[1000:]

        headers = {"Content-Length": str(len(chunk))}
        putting = asyncio.create_task(
            zoe.put(fields["content_id"], 0, chunk, body=body(), headers=headers)
        )
        await begun.wait()
        await asyncio.to_thread(wait_until, started.has_read_all, "the server has begun to read")
        started.process.send_signal(signal.SIGTERM)
        await asyncio.to_thread(
            wait_until, lambda: refuses(started.port), "the server lets nobody in any more"
        )
        await asyncio.sleep(0.2)  # it stops by now: what comes from here on came to be lost
        told.set()
        assert (await putting)[0] == 201
    await asyncio.to_thread(started.stop)
    with closing(sqlite3.connect(started.data_directory / "sharethings.db")) as database:
        assert database.execute("SELECT count(*) FROM chunk_metadata").fetchone() == (1,)
        assert database.execute("SELECT is_clean FROM instance").fetchone() == (1,)


async def test_a_body_that_does_not_come_is_waited_for_so_long_and_no_longer(server: StartServer):
    started = server(shutdown_seconds=1)
    async with Knocker(started.url) as zoe:
        await zoe.start()
        fields = zoe.content(40_000)
        await zoe.ask("content:share", **fields)
        chunk = zoe.chunk(0, 16384, last=False)
        begun, ended = asyncio.Event(), asyncio.Event()

        async def body() -> AsyncIterator[bytes]:
            yield chunk[:1000]
            begun.set()
            await ended.wait()

        headers = {"Content-Length": str(len(chunk))}
        putting = asyncio.create_task(
            zoe.put(fields["content_id"], 0, chunk, body=body(), headers=headers)
        )
        await begun.wait()
        await asyncio.to_thread(wait_until, started.has_read_all, "the server has begun to read")
        await asyncio.to_thread(started.stop)
        with pytest.raises(aiohttp.ClientError):
            await putting
        ended.set()
    with closing(sqlite3.connect(started.data_directory / "sharethings.db")) as database:
        assert database.execute("SELECT count(*) FROM chunk_metadata").fetchone() == (0,)
        assert database.execute("SELECT is_clean FROM instance").fetchone() == (1,)
