"""Equal files of one session: keys that follow from their bytes (protocol.md 8).

Who shares the same file again gets the same chunks, so that the server has them already, and an
upload that was cut off goes on where it was, whoever takes it up.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from sharethings.client.window import in_window

if TYPE_CHECKING:
    from sharethings.client.session import Session
    from sharethings.client.source import FileSource
    from sharethings.crypto.dedup import Convergent

EQUAL_FROM_BYTES = 64 * 1024
"""Smaller files are sent as quickly as they are compared (protocol.md 8)."""


@dataclass(frozen=True, slots=True)
class Equal:
    """Keys of a file's bytes, and the SHA-256 of each plain piece that they follow from."""

    keys: Convergent
    plain_digests: list[bytes]

    def is_piece(self, index: int, plain: bytes) -> bool:
        """Say whether `plain` is the piece that was read: no other may be sealed by these keys.

        Two different pieces under one key and nonce would give both away.
        """
        return sha256(plain).digest() == self.plain_digests[index]


async def read_through(session: Session, source: FileSource) -> Equal | None:
    """Read a file once for its keys; None for what is not shared so.

    Raises OSError, FileChangedError.
    """
    layout = source.layout
    if not session.policy.deduplicates or layout.size < EQUAL_FROM_BYTES:
        return None
    digests = [b""] * layout.chunk_count

    def digest(index: int) -> bytes:
        return sha256(source.read(index)).digest()

    async def look(index: int) -> None:
        digests[index] = await asyncio.to_thread(digest, index)

    await in_window(range(layout.chunk_count), look)
    keys = session.keys.convergent(layout.chunk_size, layout.size, digests)
    return Equal(keys, digests)
