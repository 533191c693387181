"""A content that is received while it is sent, through HAProxy."""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING

import aiohttp

from sharethings.client.connector import Connector
from sharethings.protocol.bulk import CHUNKS_PATH, FRAME_HEAD
from tests.integration.server.knock import Knocker

if TYPE_CHECKING:
    from tests.conftest import StartHaproxy, StartServer
    from tests.programs import Certificate

SECONDS = 30


async def test_each_chunk_comes_through_when_it_is_stored(
    server: StartServer, haproxy: StartHaproxy, certificate: Certificate
):
    started = server()
    proxy = haproxy(started.url)
    proxy.wait_for_server("UP")
    trusted = ssl.create_default_context(cafile=certificate.ca_file)
    async with (
        Knocker(started.url) as zoe,
        aiohttp.ClientSession(connector=Connector(ssl=trusted)) as http,
    ):
        await zoe.start()
        fields = zoe.content()
        await zoe.ask("content:share", **fields)
        path = CHUNKS_PATH.format(session_id=zoe.session_id, content_id=fields["content_id"])
        headers = {"Authorization": f"Bearer {zoe.token}"}
        async with http.get(f"{proxy.url}{path}", headers=headers) as response:
            nothing = await asyncio.wait_for(response.content.readexactly(8), SECONDS)
            assert nothing == FRAME_HEAD.pack(0, 0)
            for index in range(2):
                chunk = zoe.chunk(index, 16_384, last=False)
                assert (await zoe.put(fields["content_id"], index, chunk))[0] == 201
                frame = FRAME_HEAD.pack(index, len(chunk)) + chunk
                came = await asyncio.wait_for(response.content.readexactly(len(frame)), SECONDS)
                assert came == frame
