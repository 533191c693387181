"""Connections that are gone when their session is."""

from __future__ import annotations

import asyncio
import weakref
from typing import TYPE_CHECKING

import aiohttp

if TYPE_CHECKING:
    from typing import Any


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
        return connection

    async def close(self, *, abort_ssl: bool = False) -> None:
        """Close what is open, and cut what is closing."""
        await super().close(abort_ssl=abort_ssl)
        for transport in self._given:
            transport.abort()
        await asyncio.sleep(0)  # that is when the sockets are closed
