"""Under `/api/v1/sessions/{session_id}/contents/{content_id}`: chunks and their digests.

`chunks/{index}`: PUT, GET, HEAD. `digests`: GET.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec
from aiohttp import hdrs, web

from sharethings.protocol.bulk import (
    CHUNK_PATH,
    DIGEST_HEADER,
    DIGESTS_PATH,
    pack_digests,
    read_digest,
    write_digest,
)
from sharethings.protocol.errors import (
    EncodingError,
    LengthRequiredError,
    RangeError,
    RequestTimeoutError,
    TooLargeError,
)
from sharethings.protocol.limits import CHUNK_OVERHEAD_BYTES, CHUNK_SIZE_MAX_BYTES
from sharethings.transport.http.gate import content_of, index_of
from sharethings.transport.http.sending import said_as_left

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from aiohttp.abc import AbstractStreamWriter

    from sharethings.config import Settings
    from sharethings.core.chunks import Chunks
    from sharethings.transport.http.gate import Gate, Traffic

BODY_MAX_BYTES = CHUNK_SIZE_MAX_BYTES + CHUNK_OVERHEAD_BYTES
BODY_BYTES_PER_SECOND = 16 * 1024
"""The slowest body that is waited for."""
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Disposition": "attachment",
    "Content-Type": "application/octet-stream",
}


class _CountedFile(web.FileResponse):
    """A file that counts as a running request until its last byte is sent."""

    def __init__(self, path: Path, headers: dict[str, str], traffic: Traffic) -> None:
        super().__init__(path, headers=headers)
        self._traffic: Traffic | None = traffic

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Send the file, then count it out."""
        try:
            with said_as_left(request):
                return await super().prepare(request)
        finally:
            traffic, self._traffic = self._traffic, None
            if traffic is not None:
                traffic.at_once -= 1


class ChunkRoutes:
    """Handlers of the chunk path."""

    def __init__(self, chunks: Chunks, gate: Gate, settings: Settings) -> None:
        """Take the doors, the gate and the limits."""
        self._chunks = chunks
        self._settings = settings
        self._gate = gate

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Register the routes."""
        router.add_put(CHUNK_PATH, self.put)
        router.add_get(CHUNK_PATH, self.get)
        router.add_get(DIGESTS_PATH, self.digests)

    @staticmethod
    def _place(request: web.Request) -> tuple[str, int]:
        content_id = content_of(request)
        return content_id, index_of(request.match_info["index"])

    async def put(self, request: web.Request) -> web.Response:
        """Store a chunk: 201, or 200 when the same bytes were there."""
        member = self._gate.member(request)
        content_id, index = self._place(request)
        size = _length(request)
        digest = read_digest(request.headers.get(DIGEST_HEADER, ""))
        traffic = self._gate.begin(member)
        try:
            seconds = self._settings.body_seconds + size / BODY_BYTES_PER_SECOND
            body = _body(request, asyncio.get_running_loop().time() + seconds)
            fresh, stored = await self._chunks.accept(
                member, content_id, index, size=size, digest=digest, body=body
            )
        finally:
            traffic.at_once -= 1
        return web.Response(
            body=msgspec.json.encode(stored),
            status=201 if fresh else 200,
            content_type="application/json",
            headers={"Cache-Control": "no-store"},
        )

    async def get(self, request: web.Request) -> web.StreamResponse:
        """Give a chunk, or the range of it that is asked for."""
        member = self._gate.member(request)
        content_id, index = self._place(request)
        traffic = self._gate.begin(member)
        try:
            chunk, found = await self._chunks.open(member, content_id, index)
        except BaseException:
            traffic.at_once -= 1
            raise
        headers = {**HEADERS, DIGEST_HEADER: write_digest(chunk.digest)}
        if isinstance(found, bytes):
            traffic.at_once -= 1
            return _give(request, found, headers)
        return _CountedFile(found, headers, traffic)

    async def digests(self, request: web.Request) -> web.StreamResponse:
        """Give the digests of the stored chunks, from an index on.

        It counts as running until it is sent: each holds half a megabyte until then.
        """
        member = self._gate.member(request)
        first = index_of(request.query.get("from", "0"))
        traffic = self._gate.begin(member)
        try:
            found = await self._chunks.digests(member, content_of(request), first)
            answer = web.Response(body=pack_digests(found), headers=HEADERS)
            with suppress(ConnectionError):  # aiohttp writes it again, and finds who has left
                await answer.prepare(request)
                await answer.write_eof()
        finally:
            traffic.at_once -= 1
        return answer


def _length(request: web.Request) -> int:
    if request.headers.get(hdrs.CONTENT_ENCODING, "identity").lower() != "identity":
        raise EncodingError
    if request.content_length is None:
        raise LengthRequiredError
    if request.content_length > BODY_MAX_BYTES:
        raise TooLargeError(limit_bytes=BODY_MAX_BYTES)
    return request.content_length


async def _body(request: web.Request, ends_at: float) -> AsyncIterator[bytes]:
    """Read a body until `ends_at` of the loop's clock.

    Raises RequestTimeoutError, also for who has hung up: nobody reads that answer.
    """
    while True:
        try:
            async with asyncio.timeout_at(ends_at):
                piece = await request.content.readany()
        except (TimeoutError, ConnectionError) as error:
            raise RequestTimeoutError from error
        if not piece:
            return
        yield piece
        del piece  # it is written: nobody holds it while the next is waited for


def _give(request: web.Request, data: bytes, headers: dict[str, str]) -> web.Response:
    """Answer a small chunk from memory, with the same ranges that a file has."""
    headers = {**headers, "Accept-Ranges": "bytes"}
    try:
        wanted = request.http_range
    except ValueError as error:
        raise RangeError from error
    if wanted.start is None and wanted.stop is None:
        return web.Response(body=data, headers=headers)
    start, stop, _ = wanted.indices(len(data))
    if start >= stop:
        raise RangeError
    headers["Content-Range"] = f"bytes {start}-{stop - 1}/{len(data)}"
    return web.Response(body=data[start:stop], status=206, headers=headers)
