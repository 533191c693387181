"""Chunks in memory: a store without files, to show what the contract asks of any store."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sharethings.protocol.errors import StorageFullError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sharethings.records import Content

HEAD_BYTES = 16
RETRY_SECONDS = 5


class IncomingBytes:
    """A chunk that is arriving in memory."""

    def __init__(self, store: ChunkMemory) -> None:
        """Take the store that it goes to."""
        self._store = store
        self._bytes = bytearray()

    @property
    def size(self) -> int:
        """The bytes that have arrived."""
        return len(self._bytes)

    @property
    def head(self) -> bytes:
        """The first of them."""
        return bytes(self._bytes[:HEAD_BYTES])

    @property
    def digest(self) -> bytes:
        """SHA-256 of all of them."""
        return hashlib.sha256(self._bytes).digest()

    async def write(self, piece: bytes) -> None:
        """Take the next bytes. Raises StorageFullError when the store is full."""
        self._store.take(len(piece))
        self._bytes += piece

    async def close(self) -> None:
        """Take no more: nothing to do."""

    def read(self) -> bytes:
        """Give all bytes."""
        return bytes(self._bytes)

    def keep(self, content: Content, chunk_index: int) -> None:
        """Put it in its place."""
        data, self._bytes = bytes(self._bytes), bytearray()
        self._store.put(content, chunk_index, data)

    def discard(self) -> None:
        """Forget what was not kept."""
        self._store.take(-len(self._bytes))
        self._bytes = bytearray()


class ChunkMemory:
    """The chunks of all blobs, at most `limit_bytes` of them."""

    def __init__(self, limit_bytes: int) -> None:
        """Take the limit."""
        self._limit_bytes = limit_bytes
        self._taken_bytes = 0
        self._blobs: dict[tuple[str, str], dict[int, bytes]] = {}

    def take(self, size_bytes: int) -> None:
        """Count bytes that come, or with less than 0 go. Raises StorageFullError."""
        if self._taken_bytes + size_bytes > self._limit_bytes:
            raise StorageFullError(retry_after_seconds=RETRY_SECONDS)
        self._taken_bytes += size_bytes

    def put(self, content: Content, chunk_index: int, data: bytes) -> None:
        """Put bytes that were taken in the place of a chunk."""
        blob = self._blobs.setdefault((content.session_id, content.blob_id), {})
        self.take(-len(blob.get(chunk_index, b"")))
        blob[chunk_index] = data

    def begin(self) -> IncomingBytes:
        """Open a place for a chunk that arrives."""
        return IncomingBytes(self)

    def open(self, content: Content, chunk_index: int) -> bytes:
        """Give the bytes of a chunk; none of one that is not there."""
        return self._blobs.get((content.session_id, content.blob_id), {}).get(chunk_index, b"")

    async def sync(self, content: Content, indexes: Iterable[int]) -> list[int]:
        """Give those that are not there; there is nothing to sync."""
        return [index for index in indexes if not self.open(content, index)]

    def bury(self, session_id: str, blob_id: str) -> None:
        """Take a blob away."""
        self.take(-sum(map(len, self._blobs.pop((session_id, blob_id), {}).values())))

    def drop(self, session_id: str, blob_id: str, indexes: Iterable[int]) -> None:
        """Take some chunks away."""
        chunks = self._blobs.get((session_id, blob_id), {})
        self.take(-sum(len(chunks.pop(index, b"")) for index in indexes))

    def crumble(self) -> bool:
        """There is never anything left of what was buried."""
        return False
