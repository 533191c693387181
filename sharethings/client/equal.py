"""Equal files of one session: keys that follow from their bytes (protocol.md 8).

Who shares the same file again gets the same chunks, so that the server has them already, and an
upload that was cut off goes on where it was, whoever takes it up.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from sharethings.client.window import in_window
from sharethings.crypto.keys import KEY_BYTES
from sharethings.crypto.witness import Witness

if TYPE_CHECKING:
    from sharethings.client.session import Session
    from sharethings.client.source import Source
    from sharethings.crypto.dedup import Convergent

EQUAL_FROM_BYTES = 64 * 1024
"""Smaller files are sent as quickly as they are compared (protocol.md 8)."""


class Pieces:
    """What the pieces of a file were when it was read first."""

    def __init__(self, count: int) -> None:
        """Have room for so many pieces."""
        self.digests = [b""] * count
        self._tags = [b""] * count
        self._witness = Witness(secrets.token_bytes(KEY_BYTES))

    def take(self, index: int, plain: bytes) -> None:
        """Take in a piece; blocks."""
        self.digests[index] = sha256(plain).digest()
        self._tags[index] = self._witness.tag(index, plain)

    def has(self, index: int, plain: bytes) -> bool:
        """Say whether `plain` is the piece that was taken in; blocks."""
        return hmac.compare_digest(self._witness.tag(index, plain), self._tags[index])


@dataclass(frozen=True, slots=True)
class Equal:
    """Keys of a file's bytes, and the pieces that they follow from.

    No other pieces may be sealed by these keys: two different ones under one key and nonce would
    give both away.
    """

    keys: Convergent
    pieces: Pieces


async def read_through(session: Session, source: Source) -> Equal | None:
    """Read a file once for its keys; None for what is not shared so.

    Raises OSError, FileChangedError.
    """
    layout = source.layout
    if not session.policy.deduplicates or layout.size < EQUAL_FROM_BYTES:
        return None
    pieces = Pieces(layout.chunk_count)

    def take(index: int) -> None:
        pieces.take(index, source.read(index))

    async def look(index: int) -> None:
        await asyncio.to_thread(take, index)

    await in_window(range(layout.chunk_count), look)
    return Equal(session.keys.convergent(layout.chunk_size, layout.size, pieces.digests), pieces)
