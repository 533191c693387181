"""The bulk plane of a client: chunks by PUT and GET."""

from __future__ import annotations

import asyncio
import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import aiohttp
import msgspec

from sharethings.client.body import Body
from sharethings.client.errors import NoConnectionError
from sharethings.client.unreachable import unreachable
from sharethings.protocol.bulk import (
    CHUNK_PATH,
    CONFIG_PATH,
    DIGEST_HEADER,
    DIGESTS_PATH,
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
    ProtocolError,
    RequestTimeoutError,
    ThrottledError,
    TooLargeError,
    error_of,
)
from sharethings.protocol.limits import CHUNK_COUNT_MAX, DIGESTS_MAX

if TYPE_CHECKING:
    from sharethings.client.server import Server

HTTP_ERROR = 400
TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=60)
STALL_SECONDS = 30.0
"""A connection that takes no byte of a body for so long is given up."""
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


class Bulk:
    """Requests of the bulk plane on one HTTP session."""

    def __init__(self, server: Server, http: aiohttp.ClientSession) -> None:
        """Take the server and a session whose connector trusts it."""
        self._server = server
        self._http = http

    async def config(self) -> ServerConfig:
        """Ask the server's configuration. Raises NoConnectionError."""
        data, _ = await self._request("GET", CONFIG_PATH)
        try:
            return msgspec.json.decode(data, type=ServerConfig)
        except msgspec.MsgspecError as error:
            raise NoConnectionError(f"{self._server.url} is no ShareThings server.") from error

    async def put(
        self, token: str, session_id: str, content_id: str, index: int, chunk: bytes, digest: bytes
    ) -> ChunkStored:
        """Store a sealed chunk. Raises the server's ProtocolError or NoConnectionError."""
        path = CHUNK_PATH.format(session_id=session_id, content_id=content_id, index=index)
        headers = {DIGEST_HEADER: write_digest(digest), "Authorization": f"Bearer {token}"}
        data, _ = await self._request("PUT", path, headers=headers, body=chunk)
        return msgspec.json.decode(data, type=ChunkStored)

    async def get(self, token: str, session_id: str, content_id: str, index: int) -> bytes:
        """Fetch a sealed chunk. Raises the server's ProtocolError or NoConnectionError."""
        path = CHUNK_PATH.format(session_id=session_id, content_id=content_id, index=index)
        data, _ = await self._request("GET", path, headers={"Authorization": f"Bearer {token}"})
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
            _, digest = await self._request("GET", path, headers=headers)
            return read_digest(digest)
        except (ChunkNotFoundError, ChunkDamagedError):
            return None

    async def digests(self, token: str, session_id: str, content_id: str) -> dict[int, bytes]:
        """Ask the digests of all stored chunks, by index. Raises as `get` does."""
        path = DIGESTS_PATH.format(session_id=session_id, content_id=content_id)
        headers = {"Authorization": f"Bearer {token}"}
        found: dict[int, bytes] = {}
        first = 0
        for _ in range(CHUNK_COUNT_MAX // DIGESTS_MAX):
            data, _ = await self._request("GET", f"{path}?from={first}", headers=headers)
            part = unpack_digests(data)
            found.update(part)
            if len(part) < DIGESTS_MAX:
                break
            first = part[-1][0] + 1
        return found

    async def _request(
        self,
        method: str,
        path: str,
        *,
        headers: dict[str, str] | None = None,
        body: bytes | None = None,
    ) -> tuple[bytes, str]:
        """Give the body, and the value of the Digest header."""
        try:
            async with asyncio.timeout(None) as bound:
                loop = asyncio.get_running_loop()

                def moved(left_bytes: int) -> None:
                    bound.reschedule(loop.time() + STALL_SECONDS if left_bytes else None)

                if body:
                    moved(len(body))
                sent = Body(body, moved) if body else None
                async with self._http.request(
                    method, self._server.url + path, headers=headers, data=sent, timeout=TIMEOUT
                ) as response:
                    data = await response.read()
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise unreachable(self._server.url, error) from error
        if response.status >= HTTP_ERROR:
            raise _failure(response.status, response.headers.get("Retry-After", ""), data)
        return data, response.headers.get(DIGEST_HEADER, "")


def _failure(status: int, retry_after: str, data: bytes) -> ProtocolError:
    """Turn an answer into the failure that it tells of; a proxy's is told by its status."""
    try:
        return error_of(msgspec.json.decode(data, type=_Answer).error)
    except msgspec.MsgspecError:
        kind = OF_STATUS.get(status, InternalError)
        wait = read_retry_after(retry_after, datetime.now(UTC))
        details = {} if wait is None else {"retry_after_seconds": wait}
        return kind(f"The server answered {status}.", **details)


def read_retry_after(value: str, now: datetime) -> int | None:
    """Read a Retry-After header, seconds or a date (RFC 9110, 10.2.3), into seconds from `now`."""
    try:
        if value.strip().isdecimal():
            return int(value)
        return max(0, math.ceil((parsedate_to_datetime(value) - now).total_seconds()))
    except (TypeError, ValueError):  # none, no date, one without a zone, or thousands of digits
        return None
