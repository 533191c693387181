"""Connections: counted, bounded, and ended when they should end."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

import aiohttp
import pytest

from tests.integration.server.knock import SECONDS, Knocker
from tests.programs import wait_until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.conftest import StartServer
    from tests.programs import Server

MIB = 2**20
PATH = "/socket.io/?EIO=4&transport="


@asynccontextmanager
async def a_socket(
    url: str, *packets: str, first: bool = True
) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """Open a bare engine.io WebSocket and send packets."""
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(f"{url}{PATH}websocket", autoping=False) as socket,
    ):
        if first:
            assert (await socket.receive_str()).startswith("0{")
        for packet in packets:
            await socket.send_str(packet)
        yield socket


async def closed(socket: aiohttp.ClientWebSocketResponse) -> list[str]:
    """Read until the server has closed; gives the packets that came."""
    async with asyncio.timeout(SECONDS):
        return [message.data async for message in socket]


async def alone(knocker: Knocker) -> None:
    """Wait until a member has heard that another has left."""
    await asyncio.to_thread(
        wait_until, lambda: "member:left" in [event for event, _ in knocker.told], "they left"
    )


@pytest.mark.parametrize("packets", [(), ("40",), ("40", "41"), ("40/other,",)], ids=" ".join)
async def test_who_does_not_join_is_closed(server: StartServer, packets: tuple[str, ...]):
    started = server(unjoined_seconds=1)
    async with a_socket(started.url, *packets) as socket:
        await closed(socket)


@pytest.mark.parametrize("packet", ["", "9", "x", "bAAAA", '42["a",', "451-[]", "4", "47"])
async def test_what_is_no_packet_ends_the_connection(started: Server, packet: str):
    async with a_socket(started.url, "40", packet) as socket:
        await closed(socket)


async def test_every_connection_of_an_address_counts(server: StartServer):
    started = server(connections_per_address=3, unjoined_seconds=2)
    async with AsyncExitStack() as stack:
        sockets = [await stack.enter_async_context(a_socket(started.url)) for _ in range(2)]
        http = await stack.enter_async_context(aiohttp.ClientSession())
        async with http.get(f"{started.url}{PATH}polling") as response:
            assert response.status == 200
        for transport in ("polling", "websocket"):
            async with http.get(f"{started.url}{PATH}{transport}") as response:
                assert response.status in {400, 401}
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await stack.enter_async_context(a_socket(started.url))
        for socket in sockets:
            await closed(socket)
        await stack.enter_async_context(a_socket(started.url))


async def test_events_named_like_our_own_do_nothing(zoe: Knocker, started: Server):
    async with Knocker(started.url) as ada:
        ada.keys = zoe.keys
        await ada.join()
        for name in ("disconnect", "connect"):
            await ada.socket.eio.send(f'2["{name}"]')
        assert len((await zoe.ask("content:list"))["members"]) == 2
        assert len((await ada.ask("content:list"))["members"]) == 2


async def test_who_does_not_read_is_cut_off_and_costs_no_memory(server: StartServer):
    started = server(control_events_per_second=10_000, control_events_burst=10_000)
    async with Knocker(started.url) as zoe, Knocker(started.url) as ada:
        await zoe.start()
        ada.keys = zoe.keys
        await ada.join()
        for _ in range(30):
            assert isinstance(await zoe.ask("content:share", **zoe.small()), dict)
        ada.socket.eio.ws._conn.transport.pause_reading()
        before = started.memory_bytes()
        for _ in range(100):
            await ada.socket.emit("content:list", {}, callback=lambda *_: None)
        await alone(zoe)
        assert started.memory_bytes() - before < 24 * MIB
        assert len((await zoe.ask("content:list"))["members"]) == 1


async def test_nobody_keeps_the_server_from_stopping(server: StartServer):
    started = server(shutdown_seconds=120)
    async with Knocker(started.url) as zoe, a_socket(started.url):
        await zoe.start()
        await asyncio.to_thread(started.stop)
        await asyncio.wait_for(zoe.socket.wait(), SECONDS)
