"""Connections to one server: nowhere else, and gone when their session is."""

from __future__ import annotations

import asyncio
import socket
import weakref
from typing import TYPE_CHECKING

import aiohttp

from sharethings.client.unreachable import RedirectedError

if TYPE_CHECKING:
    from typing import Any

    from sharethings.client.server import Server

UNSENT_BYTES = 64 * 1024
"""What the system takes beyond what is on its way: more would look as if it had been sent."""


def open_http(server: Server) -> aiohttp.ClientSession:
    """Give what asks a server; a request raises RedirectedError when it is sent elsewhere.

    Followed, whoever answers could have a member join in the clear or at another server's.
    Raises AddressError for certificates that cannot be read.
    """
    tracing = aiohttp.TraceConfig()
    tracing.on_request_redirect.append(_refuse_redirect)
    return aiohttp.ClientSession(
        connector=Connector(ssl=server.ssl_context()),
        auto_decompress=False,
        trace_configs=[tracing],
    )


async def _refuse_redirect(
    _http: aiohttp.ClientSession, _context: object, told: aiohttp.TraceRequestRedirectParams
) -> None:
    told.response.close()
    raise RedirectedError(told.response.headers.get("Location", ""))


class Connector(aiohttp.TCPConnector):
    """Closes everything at once.

    aiohttp leaves a TLS connection that carried a WebSocket, or whose answer was its last, to
    wait for the server's goodbye (RFC 8446, 6.1) by itself: a program that ends by then leaves
    an open socket behind.
    """

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - aiohttp's own
        """Take what aiohttp's connector takes."""
        super().__init__(**options)
        self._given: weakref.WeakSet[asyncio.Transport] = weakref.WeakSet()

    async def connect(self, *request: Any, **options: Any) -> aiohttp.connector.Connection:  # noqa: ANN401
        """Give a connection, and remember its transport."""
        connection = await super().connect(*request, **options)
        if connection.transport is not None:
            self._given.add(connection.transport)
            _keep_little_unsent(connection.transport)
        return connection

    async def close(self, *, abort_ssl: bool = False) -> None:
        """Cut what is open, and what is closing.

        Before aiohttp closes it: of a TLS transport that is closed once more asyncio forgets the
        socket, which then stays open.
        """
        for transport in self._given:
            if _is_open(transport):
                transport.abort()
        await super().close(abort_ssl=abort_ssl)
        await asyncio.sleep(0)  # that is when the sockets are closed


def _is_open(transport: asyncio.Transport) -> bool:
    """Say whether it has its socket still: one that wrote its last while closing has none."""
    try:
        connected = transport.get_extra_info("socket")
    except AttributeError:  # closed twice, over TLS
        return False
    return connected is not None and connected.fileno() >= 0


def _keep_little_unsent(transport: asyncio.Transport) -> None:
    """Let writing wait for the line, not for megabytes of buffers before it (tcp(7))."""
    option = getattr(socket, "TCP_NOTSENT_LOWAT", None)  # Linux and macOS have it
    if option is not None and _is_open(transport):
        connected = transport.get_extra_info("socket")
        connected.setsockopt(socket.IPPROTO_TCP, option, UNSENT_BYTES)
