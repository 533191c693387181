"""A stream of unknown length, read as it comes and cut into pieces.

It is read in threads of their own, which end with the program: one that waits for a pipe in a
pool would hold its exit. A piece is given on as soon as a further byte tells that it is not the
last; the last holds at least one byte unless there was none at all (protocol.md 6).
"""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from sharethings.crypto.errors import LimitError
from sharethings.protocol.limits import (
    CHUNK_COUNT_MAX,
    CHUNK_SIZE_MAX_BYTES,
    CHUNK_SIZE_MIN_BYTES,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

FIRST_SECONDS = 0.5
"""What comes in this time after the first byte decides the size of the chunks."""
READ_BYTES = 1024 * 1024


class Stream(Protocol):
    """What can be read from: an unbuffered file gives what is there, and b"" at its end."""

    def read(self, size: int, /) -> bytes | None:
        """Give up to `size` bytes."""


class Pipe:
    """Pieces of a stream."""

    def __init__(self, stream: Stream) -> None:
        """Take what to read from."""
        self._stream = stream
        self._held = bytearray()
        self._reading: asyncio.Future[bytes] | None = None
        self.is_ended = False

    def _next(self) -> asyncio.Future[bytes]:
        """Give what is being read; one thread reads at a time."""
        if self._reading is None:
            self._reading = asyncio.get_running_loop().create_future()
            threading.Thread(target=self._read, args=(self._reading,), daemon=True).start()
        return self._reading

    def _read(self, result: asyncio.Future[bytes]) -> None:
        data: bytes | None = None
        failure: Exception | None = None
        try:
            data = self._stream.read(READ_BYTES)
        except (OSError, ValueError) as error:
            failure = error

        def settle() -> None:
            if result.cancelled():
                return
            if data is None:
                result.set_exception(failure or BlockingIOError("The stream does not wait."))
            else:
                result.set_result(data)

        with suppress(RuntimeError):  # the program has gone on without it
            result.get_loop().call_soon_threadsafe(settle)

    def _take(self, data: bytes) -> None:
        self._reading = None
        self._held += data
        self.is_ended = not data

    async def begin(self) -> int:
        """Wait for the first bytes; give the size of chunks in which they and more like them go.

        It is about what comes in half a second: a slow stream is seen as it comes, a fast one
        goes in few requests. Raises OSError.
        """
        self._take(await self._next())
        loop = asyncio.get_running_loop()
        ends_at = loop.time() + FIRST_SECONDS
        while not self.is_ended and len(self._held) <= CHUNK_SIZE_MAX_BYTES:
            done, _ = await asyncio.wait({self._next()}, timeout=max(0, ends_at - loop.time()))
            if not done:
                break
            self._take(done.pop().result())
        size = CHUNK_SIZE_MIN_BYTES
        while size < CHUNK_SIZE_MAX_BYTES and 2 * size <= len(self._held):
            size *= 2
        return size

    def whole(self) -> bytes | None:
        """Give the whole stream when it has ended already."""
        return bytes(self._held) if self.is_ended else None

    async def pieces(self, size: int) -> AsyncGenerator[tuple[int, bytes, bool]]:
        """Give each piece of `size` bytes with its index, and whether it is the last.

        Raises OSError, LimitError behind the most chunks that a content has.
        """
        for index in range(CHUNK_COUNT_MAX):
            while not self.is_ended and len(self._held) <= size:
                self._take(await self._next())
            is_last = len(self._held) <= size
            piece = bytes(self._held[:size])
            del self._held[:size]
            yield index, piece, is_last
            if is_last:
                return
        raise LimitError
