"""Connections and sessions that end by themselves, as members see it."""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING

import pytest

from sharethings.protocol.ids import encode_bytes
from tests.integration.inside import serve_inside
from tests.integration.server.knock import SECONDS, Knocker
from tests.programs import wait_until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from sharethings.server import Core
    from tests.conftest import StartServer


async def ended(knocker: Knocker) -> list[str]:
    """Wait until the server has closed; gives what it told."""
    await asyncio.wait_for(knocker.socket.wait(), SECONDS)
    return [event for event, _ in knocker.told]


@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_a_quiet_connection_is_told_so_and_closed(server: StartServer, transport: str):
    started = server(connection_idle_seconds=1, sweep_seconds=1)
    async with Knocker(started.url, transport=transport) as zoe:
        await zoe.start()
        assert "member:idled" in await ended(zoe)
        async with Knocker(started.url, transport=transport) as again:
            again.keys = zoe.keys
            assert (await again.join())["page"]["members"][0]["member_id"] == again.member_id


@pytest.fixture
async def inside(tmp_path: Path) -> AsyncIterator[tuple[str, Core]]:
    async with serve_inside(tmp_path / "data") as served:
        yield served


@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_members_of_an_ended_session_are_told_so_and_closed(
    inside: tuple[str, Core], transport: str
):
    url, core = inside
    async with Knocker(url, transport=transport) as zoe, Knocker(url, "other") as other:
        await zoe.start()
        await other.start()
        content = zoe.content(size=100)
        await zoe.ask("content:share", **content)
        await core.endings.end([zoe.session_id], "removed")
        await ended(zoe)
        assert zoe.told[-1] == ("session:ended", {"reason": "removed"})
        put = await zoe.put(content["content_id"], 0, zoe.chunk(0, 100, last=True))
        assert put == (401, "not_joined")
        assert isinstance(await other.ask("content:list"), dict)


async def test_an_expired_session_is_gone_from_the_disk_and_its_name_is_free(server: StartServer):
    started = server(sweep_seconds=1)
    async with Knocker(started.url) as zoe:
        assert await zoe.create(idle_seconds=1) == {"created": True}
        await zoe.join()
        content = zoe.content(size=100)
        await zoe.ask("content:share", **content)
        chunk = zoe.chunk(0, 100, last=True)
        assert (await zoe.put(content["content_id"], 0, chunk))[0] == 201
        folder = started.data_directory / "sessions" / zoe.session_id
        assert folder.is_dir()
        await zoe.ask("session:leave")
        await asyncio.to_thread(wait_until, lambda: not folder.exists(), "the bytes are gone")
        hello = {"session_id": zoe.session_id, "client_nonce": encode_bytes(bytes(32))}
        assert not (await zoe.ask("session:hello", **hello))["exists"]
        zoe.member_id = secrets.token_hex(16)
        await zoe.start()
