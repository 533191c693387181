"""The control plane of a client: one Socket.IO connection, typed in both directions.

It never reconnects by itself: a new connection needs a new join (session.py).
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

import aiohttp
import msgspec
import socketio
from socketio.exceptions import ConnectionError as SocketConnectionError
from socketio.exceptions import SocketIOError

from sharethings.client.errors import (
    ConnectionLostError,
    NoConnectionError,
    ServerRefusedError,
)
from sharethings.client.unreachable import unreachable
from sharethings.protocol.announcements import ANNOUNCEMENTS, Announcement
from sharethings.protocol.bulk import SOCKET_PATH
from sharethings.protocol.errors import Failure, error_of

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from sharethings.client.server import Server
    from sharethings.protocol.replies import Message
    from sharethings.protocol.requests import Request

    R = TypeVar("R", bound=Message)

CONNECT_SECONDS = 10.0
REQUEST_SECONDS = 20.0
"""As long as a server waits for its pong; a connection that gives no answer by then is left."""
CLOSE_SECONDS = 1.0
"""For a goodbye: who does not answer does not answer that either."""


class Control:
    """An open connection. `announcements` gives None when it is lost."""

    def __init__(self, server: Server, http: aiohttp.ClientSession) -> None:
        """Prepare; `open` connects."""
        self._server = server
        silent = logging.getLogger(__name__)
        silent.setLevel(logging.CRITICAL + 1)  # what is lost is told by the session
        self._socket = socketio.AsyncClient(
            reconnection=False,
            handle_sigint=False,  # asyncio's own handling ends the command cleanly
            http_session=http,
            logger=silent,
            engineio_logger=silent,
        )
        self.announcements: asyncio.Queue[Announcement | None] = asyncio.Queue()
        self.lost = asyncio.Event()
        self._socket.on("*", self._received)
        self._socket.on("disconnect", self._disconnected)

    async def open(self) -> None:
        """Connect; close it also when that fails. Raises NoConnectionError."""
        connection = self._socket.connect(
            self._server.origin,
            socketio_path=(self._server.path + SOCKET_PATH).strip("/"),
            transports=["websocket"],
            retry=False,
        )
        try:
            await _apart(connection, CONNECT_SECONDS)
        except (SocketConnectionError, aiohttp.ClientError, OSError, TimeoutError) as error:
            raise unreachable(self._server.url, error) from error

    async def _received(self, event: str, data: object) -> None:
        kind = ANNOUNCEMENTS.get(event)
        if kind is not None:
            with suppress(msgspec.ValidationError):
                self.announcements.put_nowait(msgspec.convert(data, kind))

    async def _disconnected(self, _reason: object = None) -> None:
        if not self.lost.is_set():
            self.lost.set()
            self.announcements.put_nowait(None)

    async def request(self, request: Request, kind: type[R], seconds: float = REQUEST_SECONDS) -> R:
        """Ask and give the reply, which is waited for so long.

        Raises the server's ProtocolError, NoConnectionError when the connection is lost or the
        answer does not come, ServerRefusedError for an answer that is not understood.
        """
        try:
            answer = await self._ask(request, seconds)
        except (SocketIOError, aiohttp.ClientError, OSError) as error:
            await self._disconnected()  # asked again here it would wait once more
            raise self._was_lost() from error
        if not isinstance(answer, dict):
            raise NoConnectionError(f"{self._server.url} gave no answer.")
        try:
            failure = msgspec.convert(answer["error"], Failure) if "error" in answer else None
            if failure is None:
                return msgspec.convert(answer.get("result"), kind)
        except msgspec.ValidationError as error:
            raise ServerRefusedError(
                f"The server's answer to {request.event} is not understood: "
                "one of the two programs is too old."
            ) from error
        raise error_of(failure)

    async def _ask(self, request: Request, seconds: float) -> object:
        """Wait for the answer, but not once the connection is lost: socketio would."""
        data = msgspec.to_builtins(request)
        call = asyncio.create_task(self._socket.call(request.event, data, timeout=seconds))
        lost = asyncio.create_task(self.lost.wait())
        try:
            await asyncio.wait({call, lost}, return_when=asyncio.FIRST_COMPLETED)
            if not call.done():
                raise self._was_lost()
            return call.result()
        finally:
            call.cancel()
            lost.cancel()

    def _was_lost(self) -> ConnectionLostError:
        return ConnectionLostError(f"The connection to {self._server.url} was lost.")

    async def close(self) -> None:
        """Disconnect."""
        with suppress(SocketIOError, aiohttp.ClientError, OSError):
            await _apart(self._socket.disconnect(), CLOSE_SECONDS)
        await self._disconnected()


async def _apart(work: Coroutine[None, None, None], seconds: float) -> None:
    """Do it in a task of its own. Raises TimeoutError after so long.

    Whoever is cancelled meanwhile is: Socket.IO waits by `asyncio.wait_for`, which before Python
    3.12 forgets that it was cancelled when what it waits for comes in the same turn.
    """
    task = asyncio.create_task(work)
    try:
        await asyncio.wait({task}, timeout=seconds)
        if not task.done():
            raise TimeoutError
        task.result()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
