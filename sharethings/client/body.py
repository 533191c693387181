"""The body of a PUT: handed over in pieces, so that a connection that takes nothing is noticed."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from aiohttp.payload import BytesIOPayload

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiohttp.abc import AbstractStreamWriter

PIECE_BYTES = 64 * 1024


class Body(BytesIOPayload):
    """A sealed chunk on its way, once: aiohttp sends no part of it again by itself."""

    def __init__(self, chunk: bytes, moved: Callable[[int], None]) -> None:
        """Take the chunk, and who is told how many bytes are left when some were taken."""
        super().__init__(io.BytesIO(chunk), content_type="application/octet-stream")
        self._left_bytes = len(chunk)
        self._moved = moved

    async def write_with_length(
        self, writer: AbstractStreamWriter, content_length: int | None
    ) -> None:
        """Hand it to the connection as fast as that takes it; its length was declared."""
        del content_length
        self._consumed = True
        while piece := self._value.read(PIECE_BYTES):
            await writer.write(piece)
            self._left_bytes -= len(piece)
            self._moved(self._left_bytes)
