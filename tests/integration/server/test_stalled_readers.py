"""Who asks for chunks and does not read them: cut off in time, at no cost to anybody."""

from __future__ import annotations

import asyncio
import io
from typing import TYPE_CHECKING

from tests.files import MIB
from tests.integration.server.deaf import deaf, held
from tests.integration.server.knock import Knocker
from tests.programs import wait_until

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from tests.conftest import StartServer

STALL_SECONDS = 3
AT_ONCE = 8
SECONDS = 60
PIPELINED = 3
"""Requests that each of them sends: the answer to one may fit into the buffers of the kernel."""


async def share_one(zoe: Knocker) -> str:
    """Store a large chunk; gives its content's id."""
    fields = zoe.content(8 * MIB, 4 * MIB)
    await zoe.ask("content:share", **fields)
    chunk = zoe.chunk(0, 4 * MIB, last=False)
    assert (await zoe.put(fields["content_id"], 0, chunk, body=io.BytesIO(chunk)))[0] == 201
    content_id: str = fields["content_id"]
    return content_id


async def test_who_does_not_read_is_cut_off_and_frees_its_place(
    server: StartServer, record_property: Callable[[str, object], None]
):
    started = server(
        send_stall_seconds=STALL_SECONDS,
        keepalive_seconds=1,
        bulk_requests_at_once=AT_ONCE,
        bulk_requests_per_second=1_000_000,
    )
    async with Knocker(started.url) as zoe:
        await zoe.start()
        content_id = await share_one(zoe)

        async def status() -> int:
            return (await zoe.get(content_id, 0, Range="bytes=0-0"))[0]

        assert await status() == 206
        before = started.memory_bytes()
        readers: list[socket.socket] = []
        try:
            async with asyncio.timeout(SECONDS):
                while await status() != 429:
                    readers.append(deaf(zoe, started, f"{content_id}/chunks/0", PIPELINED))
            ports = {one.getsockname()[1] for one in readers}
            assert held(started, ports) >= AT_ONCE
            grown = started.memory_bytes() - before
            began = asyncio.get_running_loop().time()
            await asyncio.to_thread(wait_until, lambda: not held(started, ports), "all are cut off")
            assert asyncio.get_running_loop().time() - began < STALL_SECONDS + 10
        finally:
            for one in readers:
                one.close()
        record_property("grown_bytes", grown)
        assert grown < 20 * MIB
        assert await status() == 206


async def test_who_reads_slowly_gets_it_all(server: StartServer):
    started = server(send_stall_seconds=1)
    async with Knocker(started.url) as zoe:
        await zoe.start()
        content_id = await share_one(zoe)
        loop = asyncio.get_running_loop()
        with deaf(zoe, started, f"{content_id}/chunks/0") as one:
            one.setblocking(False)
            size, ends_at = 0, loop.time() + 2.5
            while size < 4 * MIB:
                got = await loop.sock_recv(one, 64 * 1024 if loop.time() < ends_at else MIB)
                assert got, "it was cut off"
                size += len(got)
                if loop.time() < ends_at:
                    await asyncio.sleep(0.1)  # what a slow reader is
