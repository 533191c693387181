"""A descriptor in reserve: with no other left, whoever connects is still answered.

When a process has as many files open as it may, a connection can neither be accepted nor
refused: it waits in the kernel and the listening socket stays readable. The reserve is given up
to accept one, which is told to come back later.
"""

from __future__ import annotations

import errno
import os
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import structlog

if TYPE_CHECKING:
    import asyncio
    import asyncio.trsock

NO_DESCRIPTOR = {errno.EMFILE, errno.ENFILE}
RETRY_SECONDS = 5
LOG_SECONDS = 60.0
ANSWER = (
    "HTTP/1.1 503 Service Unavailable\r\n"
    f"Retry-After: {RETRY_SECONDS}\r\n"
    "Content-Length: 0\r\nConnection: close\r\n\r\n"
).encode()
log = structlog.get_logger(__name__)


class Spare:
    """Watches a loop for connections that could not be accepted; `close` ends that."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Take the reserve and the loop's exceptions. Raises OSError."""
        self._is_closed = False
        self._file = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
        self._logged_at = -LOG_SECONDS
        loop.set_exception_handler(self._caught)

    def close(self) -> None:
        """Give the reserve back.

        The loop's exceptions are still heard: after its sockets are closed it can turn for the
        second after which it listens on them again.
        """
        self._is_closed = True
        self._give_up()

    def _caught(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Refuse those who wait when it is that; the loop itself listens again after 1 s."""
        error, listener = context.get("exception"), context.get("socket")
        if isinstance(error, ValueError) and _is_of_closed_socket(context.get("handle")):
            return  # the server has stopped within the second after which the loop listens again
        is_mine = isinstance(error, OSError) and error.errno in NO_DESCRIPTOR
        if self._is_closed or not is_mine or listener is None:
            loop.default_exception_handler(context)
            return
        if loop.time() - self._logged_at >= LOG_SECONDS:
            self._logged_at = loop.time()
            log.warning("no_descriptors", advice="Raise the limit of open files (ulimit -n).")
        self._give_up()
        _refuse_all(listener)
        with suppress(OSError):  # somebody else has taken it meanwhile; the next time, then
            self._file = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)

    def _give_up(self) -> None:
        file, self._file = self._file, -1
        if file >= 0:
            os.close(file)


def _is_of_closed_socket(handle: asyncio.Handle | None) -> bool:
    """Say whether a callback was given a socket that is closed."""
    given = () if handle is None else handle._args  # noqa: SLF001 - it is told nowhere else
    return any(isinstance(one, socket.socket) and one.fileno() < 0 for one in given)


def _refuse_all(listener: asyncio.trsock.TransportSocket) -> None:
    """Answer all who wait, one after the other, with the same descriptor."""
    view = socket.socket(fileno=listener.fileno())
    try:
        with suppress(OSError):  # nobody waits any more, or the reserve is gone
            while True:
                connection, _ = view.accept()
                with connection, suppress(OSError):
                    connection.setblocking(False)
                    connection.send(ANSWER)
                    connection.shutdown(socket.SHUT_WR)
    finally:
        view.detach()  # it is the loop's
