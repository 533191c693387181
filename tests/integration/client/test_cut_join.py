"""A server that goes away while a member joins is waited for, as it is later on."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, closing
from typing import TYPE_CHECKING

import pytest

from sharethings.client import links as module
from sharethings.client.errors import NoConnectionError
from sharethings.client.server import Server
from sharethings.client.session import Session
from tests.integration.client.members import PASSPHRASE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.programs import Server as Program

PACKETS_COUNT = 2
"""What a client sends on its WebSocket until it has asked session:hello."""
LOST = "The connection to {url} is lost; waiting for the server…"


class Relay:
    """Stands before a server, and cuts so many WebSockets where the answer to hello would come."""

    def __init__(self, port: int, cuts: int) -> None:
        self._port = port
        self.cuts = cuts

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[str]:
        async with await asyncio.start_server(self._relay, "127.0.0.1", 0) as server:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behind, before = await asyncio.open_connection("127.0.0.1", self._port)
        # Ended with the test at the latest, at whatever await it then stands.
        with closing(before), closing(writer):
            async with asyncio.TaskGroup() as both:
                both.create_task(_copy(behind, writer))
                await self._pass(reader, before)
                before.close()
                writer.close()

    async def _pass(self, reader: asyncio.StreamReader, before: asyncio.StreamWriter) -> None:
        packets: int | None = None
        while data := await reader.read(65536):
            if packets is not None:
                packets += 1
            if b"Upgrade: websocket" in data:
                packets = 0
            if packets == PACKETS_COUNT and self.cuts > 0:
                self.cuts -= 1
                break
            before.write(data)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
    writer.close()


async def test_a_join_that_is_cut_goes_on(program: Program):
    told: list[str] = []
    relay = Relay(program.port, cuts=2)
    async with relay.listening() as url:
        place = Server.parse(url)
        opening = Session.open(
            place, "Balcony garden", "Tia", PASSPHRASE, create=True, say=told.append
        )
        async with await opening as tia:
            assert tia.policy.idle_seconds == 86_400
    assert (relay.cuts, told) == (0, [LOST.format(url=url), "It goes on."])


async def test_a_server_that_stays_away_is_not_waited_for_without_end(
    program: Program, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "PATIENCE_SECONDS", 1.0)
    async with Relay(program.port, cuts=1_000).listening() as url:
        with pytest.raises(NoConnectionError, match="was lost"):
            await Session.open(Server.parse(url), "Balcony garden", "Tia", PASSPHRASE)
