"""A proxy between a client and a server that counts what passes, slows it and breaks it."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from types import TracebackType

PIECE_BYTES = 64 * 1024
RESET = struct.pack("ii", 1, 0)
"""SO_LINGER of 0 s: closing sends RST (socket(7))."""


class Proxy:
    """Passes TCP on to a port of this machine, in a thread of its own.

    Use as `with Proxy(port) as proxy`. `sent_bytes` is what clients have sent. Of all that they
    send, `bytes_per_second` is taken (None: as it comes), and nothing between `stall` and `flow`.
    """

    def __init__(self, port: int) -> None:
        """Take the port behind."""
        self._port = port
        self.url = ""
        self.sent_bytes = 0
        self.bytes_per_second: float | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self._turn = asyncio.Lock()
        self._flows = asyncio.Event()
        self._flows.set()

    def __enter__(self) -> Self:
        """Listen."""
        self._thread.start()
        self._do(self._listen())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End it."""
        self._do(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, work: Coroutine[None, None, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    async def _listen(self) -> None:
        listener = socket.create_server(("127.0.0.1", 0))
        # A line holds little: the system would take megabytes for a proxy that takes nothing.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, PIECE_BYTES)
        self._server = await asyncio.start_server(self._pass, sock=listener, limit=PIECE_BYTES)
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"

    async def _close(self) -> None:
        assert self._server is not None
        self._server.close()
        await self._reset()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def stall(self) -> None:
        """Take nothing more from clients."""
        self._loop.call_soon_threadsafe(self._flows.clear)

    def flow(self) -> None:
        """Take what clients send again."""
        self._loop.call_soon_threadsafe(self._flows.set)

    def reset(self) -> None:
        """Break every connection as a router that was switched off and on does (RST)."""
        self._do(self._reset())

    async def _reset(self) -> None:
        for writer in self._writers:
            if not writer.is_closing():
                connection = writer.get_extra_info("socket")
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            writer.transport.abort()
        self._writers.clear()

    async def _pass(self, near: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far, behind = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, behind}
        await asyncio.gather(
            _copy(near, behind, self._take), _copy(far, writer, self._let), return_exceptions=True
        )
        self._writers -= {writer, behind}

    async def _take(self, size: int) -> None:
        """Count what a client has sent, once the line has had time for it."""
        async with self._turn:
            await self._flows.wait()
            if self.bytes_per_second is not None:
                await asyncio.sleep(size / self.bytes_per_second)
        self.sent_bytes += size

    async def _let(self, size: int) -> None:
        pass


async def _copy(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    take: Callable[[int], Coroutine[None, None, None]],
) -> None:
    try:
        while data := await reader.read(PIECE_BYTES):
            await take(len(data))
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()
