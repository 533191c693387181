"""The control plane where a network forbids WebSockets (protocol.md 9): long polling."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import aiohttp
import pytest

from tests.integration.server.knock import SECONDS, Knocker
from tests.programs import wait_until

if TYPE_CHECKING:
    from tests.conftest import StartServer
    from tests.programs import Server

PATH = "/socket.io/?EIO=4&transport=polling"


async def open_polling(http: aiohttp.ClientSession) -> str:
    """Open a connection and its namespace; gives the path of further requests."""
    async with http.get(PATH) as response:
        path = f"{PATH}&sid={json.loads((await response.text())[1:])['sid']}"
    async with http.post(path, data="40") as response:
        assert response.status == 200
    async with http.get(path) as response:
        assert (await response.text()).startswith("40")
    return path


async def test_a_member_over_polling_does_what_others_do(zoe: Knocker, started: Server):
    async with Knocker(started.url, transport="polling") as ada:
        ada.keys = zoe.keys
        await ada.join()
        await ada.ask("content:share", **ada.small())
        await zoe.ask("content:share", **zoe.small())
        await asyncio.to_thread(
            wait_until,
            lambda: [event for event, _ in ada.told].count("content:changed") == 2,
            "both announcements came by polling",
        )
        asked = await asyncio.gather(*(ada.ask("content:list") for _ in range(30)))
        assert all(len(page["contents"]) == 2 for page in asked if isinstance(page, dict))
    await asyncio.to_thread(
        wait_until, lambda: "member:left" in [event for event, _ in zoe.told], "they left"
    )


async def test_a_body_that_comes_in_pieces_is_read_whole(zoe: Knocker, started: Server):
    async with aiohttp.ClientSession(started.url) as http:
        path = await open_polling(http)
        name = json.dumps(["session:hello", {"session_id": "ab" * 32, "client_nonce": "A" * 3000}])
        body = f"421{name}".encode()
        reader, writer = await asyncio.open_connection("127.0.0.1", started.port)
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body[:1000])
        await writer.drain()
        assert (await zoe.ask("content:list"))["contents"] == []
        writer.write(body[1000:])
        assert b"200" in await reader.readline()
        writer.close()
        async with http.get(path) as response:
            assert "invalid_request" in await response.text()


@pytest.mark.parametrize(
    "body", [b"zzz", b"\xff", b"\x1e".join([b"40"] * 61), b"", b"40\x1e"], ids=repr
)
async def test_what_is_no_payload_ends_the_connection(server: StartServer, body: bytes):
    async with aiohttp.ClientSession(server(control_events_burst=60).url) as http:
        path = await open_polling(http)
        async with http.post(path, data=body) as response:
            first = response.status
        async with http.post(path, data=b"3") as response:
            assert (first, response.status) in {(400, 400), (200, 200)}
        assert first == 400 or body == b""


@pytest.mark.parametrize("body", [b"0", b"2", b"6"], ids=["open", "ping", "noop"])
async def test_what_only_a_server_may_send_ends_the_connection(started: Server, body: bytes):
    async with aiohttp.ClientSession(started.url) as http:
        path = await open_polling(http)
        waiting = asyncio.create_task(http.get(path))
        await asyncio.sleep(0)
        async with http.post(path, data=body) as response:
            assert response.status == 400
        async with await asyncio.wait_for(waiting, SECONDS) as response:
            assert (response.status, await response.text()) in {(200, "1"), (400, "")}
        async with http.get(path) as response:
            assert response.status == 400


async def test_a_body_that_does_not_come_ends_the_connection(server: StartServer):
    started = server(body_seconds=1)
    async with aiohttp.ClientSession(started.url) as http:
        path = await open_polling(http)
        reader, writer = await asyncio.open_connection("127.0.0.1", started.port)
        writer.write(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n4".encode())
        assert b"400" in await asyncio.wait_for(reader.readline(), SECONDS)
        writer.close()
        async with http.get(path) as response:
            assert response.status == 400


async def test_a_second_request_of_a_kind_ends_the_connection(started: Server):
    async with aiohttp.ClientSession(started.url) as http:
        path = await open_polling(http)
        waiting = asyncio.create_task(http.get(path))
        await asyncio.sleep(0)
        reader, writer = await asyncio.open_connection("127.0.0.1", started.port)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert b"400" in await asyncio.wait_for(reader.readline(), SECONDS)
        writer.close()
        async with await asyncio.wait_for(waiting, SECONDS) as response:
            assert (response.status, await response.text()) in {(200, "1"), (400, "")}


async def test_a_server_that_stops_lets_pollers_go(server: StartServer):
    started = server(shutdown_seconds=120)
    async with aiohttp.ClientSession(started.url) as http:
        path = await open_polling(http)
        waiting = asyncio.create_task(http.get(path))
        await asyncio.sleep(0.1)
        await asyncio.to_thread(started.stop)
        await asyncio.gather(waiting, return_exceptions=True)


async def test_one_upgrade_at_a_time_and_none_outlives_the_connection(server: StartServer):
    started = server(unjoined_seconds=2)
    async with aiohttp.ClientSession(started.url) as http:
        path = await open_polling(http)
        upgrade = path.replace("transport=polling", "transport=websocket")
        async with http.ws_connect(upgrade) as socket:
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await http.ws_connect(upgrade)
            async with asyncio.timeout(SECONDS):
                assert [message async for message in socket] == []
