"""`GET /api/v1/sessions/{session_id}/contents/{content_id}/chunks?from=INDEX`: as they come."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

from aiohttp import web

from sharethings.protocol.bulk import CHUNKS_PATH, FRAME_HEAD
from sharethings.protocol.errors import ProtocolError
from sharethings.transport.http.chunks import HEADERS
from sharethings.transport.http.gate import content_of, index_of
from sharethings.transport.http.sending import said_as_left

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path
    from typing import BinaryIO, TypeAlias

    from sharethings.core.relay import Relay
    from sharethings.records import Chunk
    from sharethings.transport.http.gate import Gate

    Followed: TypeAlias = AsyncIterator[tuple[Chunk, Path | bytes] | None]

QUIET_SECONDS = 15
"""After so long without a chunk something is said all the same: proxies end what is silent."""


class LiveRoute:
    """The handler of one path."""

    def __init__(self, relay: Relay, gate: Gate) -> None:
        """Take the door and the gate."""
        self._relay = relay
        self._gate = gate

    def add_to(self, app: web.Application) -> None:
        """Register the route; who follows something does not keep the application from ending."""

        async def close(_app: web.Application) -> None:
            self._relay.close()

        app.router.add_get(CHUNKS_PATH, self.get, allow_head=False)
        app.on_shutdown.append(close)

    async def get(self, request: web.Request) -> web.StreamResponse:
        """Give the chunks of a content from an index on, each as soon as it is stored."""
        member = self._gate.member(request)
        first = index_of(request.query.get("from", "0"))
        content_id = content_of(request)
        traffic = self._gate.begin(member)
        response = web.StreamResponse(headers=HEADERS)
        try:
            found = self._relay.follow(member, content_id, first, QUIET_SECONDS)
            async with aclosing(found) as chunks:
                with said_as_left(request):
                    await self._send_all(request, response, chunks)
        except ProtocolError:
            if not response.prepared:
                raise
        except ConnectionResetError:
            if request.transport is not None:
                request.transport.abort()
        finally:
            traffic.at_once -= 1
        return response

    async def _send_all(
        self, request: web.Request, response: web.StreamResponse, chunks: Followed
    ) -> None:
        """Send frames; raises NotJoinedError when the token has ended meanwhile.

        What ends the body before its time is said by the answer to a GET of the next chunk.
        """
        async for one in chunks:
            if response.prepared:
                self._gate.member(request)
            else:
                await response.prepare(request)
            if one is None:
                await response.write(FRAME_HEAD.pack(0, 0))
                continue
            chunk, found = one
            head = FRAME_HEAD.pack(chunk.chunk_index, chunk.size)
            if isinstance(found, bytes):
                await response.write(head + found)
                continue
            try:
                file = await asyncio.to_thread(found.open, "rb")
            except OSError:
                return
            with file:
                await _send_file(request, head, file, chunk.size)


async def _send_file(request: web.Request, head: bytes, file: BinaryIO, size: int) -> None:
    """Send a frame as one piece of a chunked body (RFC 9112, 7.1), the file by sendfile.

    Raises ConnectionResetError when the frame cannot be finished.
    """
    transport = request.transport
    if transport is None:
        raise ConnectionResetError
    transport.write(b"%x\r\n" % (len(head) + size) + head)
    sent = await asyncio.get_running_loop().sendfile(transport, file, 0, size)
    if sent != size:
        raise ConnectionResetError
    transport.write(b"\r\n")
