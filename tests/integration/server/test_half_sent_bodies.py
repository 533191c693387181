"""Bodies that begin and do not go on: however many, they fill no memory."""

from __future__ import annotations

import asyncio
import hashlib
import io
import socket
from contextlib import ExitStack
from typing import TYPE_CHECKING

from sharethings.protocol.bulk import write_digest
from sharethings.storage.incoming import WHOLE_BYTES
from tests.files import MIB
from tests.integration.server.knock import Knocker
from tests.programs import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import StartServer
    from tests.programs import Server

BODIES_COUNT = 250
SENT_BYTES = 1_000_000
GROWN_MAX_BYTES = 2 * WHOLE_BYTES


def half_sent(zoe: Knocker, started: Server, content_id: str, chunk: bytes) -> socket.socket:
    """Begin to send a chunk."""
    path = f"/api/v1/sessions/{zoe.session_id}/contents/{content_id}/chunks/0"
    head = (
        f"PUT {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {zoe.token}\r\n"
        f"Digest: {write_digest(hashlib.sha256(chunk).digest())}\r\n"
        f"Content-Length: {len(chunk)}\r\n\r\n"
    )
    one = socket.create_connection(("127.0.0.1", started.port))
    one.sendall(head.encode() + chunk[:SENT_BYTES])
    return one


async def test_bodies_that_are_half_sent_fill_no_memory(
    server: StartServer, record_property: Callable[[str, object], None]
):
    started = server(
        bulk_requests_at_once=BODIES_COUNT + 1,
        bulk_requests_per_second=1_000_000,
        connections_per_address=2 * BODIES_COUNT,
    )
    async with Knocker(started.url) as zoe:
        await zoe.start()
        fields = zoe.content(8 * MIB, 4 * MIB)
        await zoe.ask("content:share", **fields)
        content_id, chunk = fields["content_id"], zoe.chunk(0, 4 * MIB, last=False)
        before = started.memory_bytes()
        with ExitStack() as stack:
            for _ in range(BODIES_COUNT):
                begun = await asyncio.to_thread(half_sent, zoe, started, content_id, chunk)
                stack.enter_context(begun)
                await asyncio.to_thread(wait_until, started.has_read_all, "it has been read")
            grown = started.memory_bytes() - before
            record_property("grown_bytes", grown)
            assert grown < GROWN_MAX_BYTES < BODIES_COUNT * SENT_BYTES / 3
            assert await zoe.put(content_id, 0, chunk, body=io.BytesIO(chunk)) == (
                201,
                {"stored_count": 1, "stored_bytes": len(chunk)},
            )
