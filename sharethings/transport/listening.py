"""Addresses to listen on, taken before anything else is done.

They are bound at once and listened on when the server is ready: what is taken ends a start
before it has touched the data, and nobody connects to a server that cannot answer yet.

Every connection has what its listening socket was given (tcp(7)): the kernel itself cuts off who
does not take what is sent to them, whatever sends it.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import ExitStack, asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator


class AddressError(Exception):
    """The address to listen on is not free; the message says what to do."""


class Door:
    """An address that is bound; nobody can connect before `open`."""

    def __init__(self, sockets: list[socket.socket], address: str, advice: str) -> None:
        """Take the bound sockets, and what to say when somebody else listens there first."""
        self._sockets = sockets
        self._said = (address, advice)

    async def open(self, runner: web.BaseRunner) -> None:
        """Let `runner` answer. Raises AddressError."""
        with _explained(*self._said):
            for one in self._sockets:
                await web.SockSite(runner, one).start()


@contextmanager
def _explained(address: str, advice: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise AddressError(
            f"The server cannot listen on {address}: {error.strerror}. {advice}"
        ) from error


@asynccontextmanager
async def bind(
    host: str, port: int | None, advice: str, *, stall_seconds: int
) -> AsyncIterator[Door]:
    """Bind a TCP port (None: none) on all addresses of `host` while the block runs.

    A connection whose other end takes no byte for `stall_seconds`, though some wait, is cut off:
    one that is alive and does not read too (Linux 5.11; before, only one that is not alive).
    Raises AddressError, whose message ends with `advice`.
    """
    address = f"{host} port {port}"
    with ExitStack() as stack:
        sockets = []
        with _explained(address, advice):
            for family, place in [] if port is None else await _places(host, port):
                sockets.append(stack.enter_context(socket.socket(family, socket.SOCK_STREAM)))
                sockets[-1].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                sockets[-1].setsockopt(
                    socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, stall_seconds * 1000
                )
                if family == socket.AF_INET6:
                    sockets[-1].setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                sockets[-1].bind(place)
        yield Door(sockets, address, advice)


async def _places(host: str, port: int) -> list[tuple[socket.AddressFamily, tuple[object, ...]]]:
    """Give the addresses of a host, IPv4 first and each once."""
    found = await asyncio.get_running_loop().getaddrinfo(
        host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    return sorted({(family, place) for family, _, _, _, place in found})
