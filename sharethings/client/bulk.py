"""The bulk plane of a client: chunks by PUT and GET."""

from __future__ import annotations

import asyncio
import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, TypeVar

import aiohttp
import msgspec

from sharethings.client.body import Body
from sharethings.client.errors import NoConnectionError, OverlongError
from sharethings.client.retry import clock_after
from sharethings.client.unreachable import unreachable
from sharethings.protocol.bulk import (
    CHUNK_PATH,
    CONFIG_PATH,
    DIGEST_HEADER,
    DIGESTS_PATH,
    INDEXED_DIGEST_BYTES,
    ChunkStored,
    ServerConfig,
    read_digest,
    unpack_digests,
    write_digest,
)
from sharethings.protocol.errors import (
    BusyError,
    ChunkDamagedError,
    ChunkNotFoundError,
    Failure,
    InternalError,
    InvalidRequestError,
    ProtocolError,
    RequestTimeoutError,
    ThrottledError,
    TooLargeError,
    error_of,
)
from sharethings.protocol.limits import (
    CHUNK_COUNT_MAX,
    CHUNK_OVERHEAD_BYTES,
    CHUNK_SIZE_MAX_BYTES,
    DIGESTS_MAX,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from sharethings.client.server import Server

A = TypeVar("A")
T = TypeVar("T")
HTTP_ERROR = 400
TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=60)
STALL_SECONDS = 30.0
"""A connection that takes no byte of a body for so long is given up."""
ANSWER_SECONDS = 60.0
ANSWER_BYTES_PER_SECOND = 1024
"""So slow an answer may be, and some time beside. Four share a line, which may be slow itself."""
ANSWER_MAX_BYTES = 64 * 1024
"""Of what is no chunk and no digests; of a failure no more is read, whoever tells of it."""
CHUNK_MAX_BYTES = CHUNK_SIZE_MAX_BYTES + CHUNK_OVERHEAD_BYTES
DIGESTS_MAX_BYTES = DIGESTS_MAX * INDEXED_DIGEST_BYTES
OF_STATUS: dict[int, type[ProtocolError]] = {
    408: RequestTimeoutError,
    413: TooLargeError,
    429: ThrottledError,
    502: BusyError,
    503: BusyError,
    504: BusyError,
}
"""What a proxy says in its own words."""


class _Answer(msgspec.Struct):
    error: Failure


_CONFIG = msgspec.json.Decoder(ServerConfig)
_STORED = msgspec.json.Decoder(ChunkStored)


class Bulk:
    """Requests of the bulk plane on one HTTP session."""

    def __init__(self, server: Server, http: aiohttp.ClientSession) -> None:
        """Take the server and a session whose connector trusts it."""
        self._server = server
        self._http = http

    async def config(self) -> ServerConfig:
        """Ask the server's configuration. Raises NoConnectionError."""
        try:
            data, _ = await self._request("GET", CONFIG_PATH)
        except OverlongError as error:
            raise self._stranger() from error
        return self._read(_CONFIG.decode, data)

    def _read(self, reader: Callable[[A], T], said: A) -> T:
        """Give what `reader` makes of an answer.

        Raises NoConnectionError for what only somebody else says, like the page of a hotel.
        """
        try:
            return reader(said)
        except (msgspec.MsgspecError, InvalidRequestError) as error:
            raise self._stranger() from error

    def _stranger(self) -> NoConnectionError:
        return NoConnectionError(f"{self._server.url} is no ShareThings server.")

    async def put(
        self, token: str, session_id: str, content_id: str, index: int, chunk: bytes, digest: bytes
    ) -> ChunkStored:
        """Store a sealed chunk. Raises the server's ProtocolError or NoConnectionError."""
        path = CHUNK_PATH.format(session_id=session_id, content_id=content_id, index=index)
        headers = {DIGEST_HEADER: write_digest(digest), "Authorization": f"Bearer {token}"}
        data, _ = await self._request("PUT", path, headers=headers, body=chunk)
        return self._read(_STORED.decode, data)

    async def get(self, token: str, session_id: str, content_id: str, index: int) -> bytes:
        """Fetch a sealed chunk; one that is too long for its content is found when it is opened.

        Raises the server's ProtocolError, NoConnectionError, OverlongError.
        """
        path = CHUNK_PATH.format(session_id=session_id, content_id=content_id, index=index)
        headers = {"Authorization": f"Bearer {token}"}
        data, _ = await self._request("GET", path, CHUNK_MAX_BYTES, headers=headers)
        return data

    async def get_digest(
        self, token: str, session_id: str, content_id: str, index: int
    ) -> bytes | None:
        """Ask the digest of a stored chunk; None when it is missing or damaged.

        A GET of one byte: unlike HEAD, it is answered with what went wrong.
        """
        path = CHUNK_PATH.format(session_id=session_id, content_id=content_id, index=index)
        headers = {"Authorization": f"Bearer {token}", "Range": "bytes=0-0"}
        try:
            _, digest = await self._request("GET", path, CHUNK_MAX_BYTES, headers=headers)
        except (ChunkNotFoundError, ChunkDamagedError):
            return None
        return self._read(read_digest, digest)

    async def digests(self, token: str, session_id: str, content_id: str) -> dict[int, bytes]:
        """Ask the digests of all stored chunks, by index. Raises as `get` does."""
        path = DIGESTS_PATH.format(session_id=session_id, content_id=content_id)
        headers = {"Authorization": f"Bearer {token}"}
        found: dict[int, bytes] = {}
        first = 0
        for _ in range(CHUNK_COUNT_MAX // DIGESTS_MAX):
            asked = f"{path}?from={first}"
            data, _ = await self._request("GET", asked, DIGESTS_MAX_BYTES, headers=headers)
            part = self._read(unpack_digests, data)
            found.update(part)
            if len(part) < DIGESTS_MAX:
                break
            first = part[-1][0] + 1
        return found

    async def _request(
        self,
        method: str,
        path: str,
        most_bytes: int = ANSWER_MAX_BYTES,
        *,
        headers: dict[str, str] | None = None,
        body: bytes | None = None,
    ) -> tuple[bytes, str]:
        """Give the body, of `most_bytes` at most, and the value of the Digest header."""
        loop = asyncio.get_running_loop()
        answer_seconds = ANSWER_SECONDS + most_bytes / ANSWER_BYTES_PER_SECOND

        def moved(left_bytes: int) -> None:
            bound.reschedule(loop.time() + (STALL_SECONDS if left_bytes else answer_seconds))

        try:
            async with asyncio.timeout(answer_seconds) as bound:
                if body:
                    moved(len(body))
                sent = Body(body, moved) if body else None
                async with self._http.request(
                    method, self._server.url + path, headers=headers, data=sent, timeout=TIMEOUT
                ) as response:
                    is_failure = response.status >= HTTP_ERROR
                    most_bytes = ANSWER_MAX_BYTES if is_failure else most_bytes
                    data = await _read(response.content, most_bytes)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise unreachable(self._server.url, error) from error
        if is_failure:
            raise _failure(response.status, response.headers.get("Retry-After", ""), data)
        if len(data) > most_bytes:
            raise OverlongError
        return data, response.headers.get(DIGEST_HEADER, "")


async def _read(body: aiohttp.StreamReader, most_bytes: int) -> bytes:
    """Give a body, or its beginning as soon as that is longer than `most_bytes`."""
    pieces, left_bytes = list[bytes](), most_bytes
    async for piece in body.iter_any():
        pieces.append(piece)
        left_bytes -= len(piece)
        if left_bytes < 0:
            break
    return b"".join(pieces)


def _failure(status: int, retry_after: str, data: bytes) -> ProtocolError:
    """Turn an answer into the failure that it tells of; a proxy's is told by its status."""
    try:
        return error_of(msgspec.json.decode(data, type=_Answer).error)
    except msgspec.MsgspecError:
        kind = OF_STATUS.get(status, InternalError)
        wait = read_retry_after(retry_after, datetime.now(UTC))
        if wait is None:
            return kind(f"The server answered {status}.")
        advice = f"Try again at {clock_after(wait)}."
        return kind(f"The server answered {status}. {advice}", retry_after_seconds=wait)


def read_retry_after(value: str, now: datetime) -> int | None:
    """Read a Retry-After header, seconds or a date (RFC 9110, 10.2.3), into seconds from `now`."""
    try:
        if value.strip().isdecimal():
            return int(value)
        return max(0, math.ceil((parsedate_to_datetime(value) - now).total_seconds()))
    except (TypeError, ValueError):  # none, no date, one without a zone, or thousands of digits
        return None
