"""Servers whose answers are longer than any answer is, or never end: refused, each in time."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import aiohttp
import pytest

from sharethings.client import bulk
from sharethings.client.bulk import CHUNK_MAX_BYTES, Bulk
from sharethings.client.errors import NoConnectionError, OverlongError
from sharethings.client.server import Server
from sharethings.protocol.errors import BusyError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

SECONDS = 30
MIB = 1024 * 1024
OK = b"HTTP/1.1 200 OK\r\nDigest: sha-256=" + b"A" * 43 + b"=\r\n"


class Liar:
    """A server that gives one beginning to every request, and then pieces without an end."""

    def __init__(self, head: bytes, piece: bytes, pause_seconds: float = 0.0) -> None:
        self.given_bytes = 0
        self._head = head
        self._piece = piece
        self._pause_seconds = pause_seconds
        self._tasks: set[asyncio.Task[None]] = set()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(self._head + b"\r\n")
            while True:
                writer.write(self._piece)
                await writer.drain()
                self.given_bytes += len(self._piece)
                await asyncio.sleep(self._pause_seconds)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.transport.abort()

    @asynccontextmanager
    async def asked(self) -> AsyncIterator[Bulk]:
        """Listen, and give who asks."""
        listening = await asyncio.start_server(self.answer, "127.0.0.1", 0)
        port = listening.sockets[0].getsockname()[1]
        async with listening, aiohttp.ClientSession(auto_decompress=False) as http:
            try:
                async with asyncio.timeout(SECONDS):
                    yield Bulk(Server.parse(f"http://127.0.0.1:{port}"), http)
            finally:
                for task in self._tasks:
                    task.cancel()
                await asyncio.gather(*self._tasks, return_exceptions=True)
                await asyncio.sleep(0)  # that is when the sockets are closed


ID = "ab" * 16


@pytest.mark.parametrize("length", [b"", b"Content-Length: 99999999999\r\n"], ids=["cut", "told"])
async def test_an_answer_without_an_end_is_read_as_far_as_it_may_be(length: bytes):
    liar = Liar(OK + length, bytes(64 * 1024))
    async with liar.asked() as server:
        with pytest.raises(OverlongError, match="more than was asked for"):
            await server.get("token", ID, ID, 0)
        with pytest.raises(OverlongError):
            await server.digests("token", ID, ID)
        with pytest.raises(OverlongError):
            await server.put("token", ID, ID, 0, b"chunk", bytes(32))
        with pytest.raises(NoConnectionError, match="is no ShareThings server"):
            await server.config()
    assert liar.given_bytes < 4 * CHUNK_MAX_BYTES + 16 * MIB, "what lies in buffers, too"


async def test_the_failure_of_a_proxy_that_talks_without_an_end_is_told_by_its_status():
    liar = Liar(b"HTTP/1.1 503 Service Unavailable\r\n", bytes(64 * 1024))
    async with liar.asked() as server:
        with pytest.raises(BusyError, match="503"):
            await server.get("token", ID, ID, 0)


@pytest.mark.parametrize(
    ("head", "piece"),
    [(OK, b"?"), (b"HTTP/1.1 200 OK", b"\r\nX-More: y")],
    ids=["body", "head"],
)
async def test_an_answer_that_trickles_is_given_up(
    monkeypatch: pytest.MonkeyPatch, head: bytes, piece: bytes
):
    monkeypatch.setattr(bulk, "ANSWER_SECONDS", 0.5)
    monkeypatch.setattr(bulk, "ANSWER_BYTES_PER_SECOND", CHUNK_MAX_BYTES)
    async with Liar(head, piece, 0.1).asked() as server:
        with pytest.raises(NoConnectionError, match="does not answer"):
            await server.get("token", ID, ID, 0)
        with pytest.raises(NoConnectionError, match="does not answer"):
            await server.put("token", ID, ID, 0, b"chunk", bytes(32))


@pytest.mark.parametrize("length", [29, 72])  # two digests have 72 bytes
async def test_what_somebody_else_says_acknowledges_nothing(length: int):
    page = b"<h1>Welcome to the hotel</h1>".ljust(length)
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(page)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head + page)
        writer.close()
        await writer.wait_closed()

    listening = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    async with listening, aiohttp.ClientSession(auto_decompress=False) as http:
        server = Bulk(Server.parse(f"http://127.0.0.1:{port}"), http)
        for asking in (
            server.put("token", ID, ID, 0, b"", bytes(32)),
            server.get_digest("token", ID, ID, 0),
            server.digests("token", ID, ID),
        ):
            with pytest.raises(NoConnectionError, match="is no ShareThings server"):
                await asking
