"""What the rules need of those who keep the bytes of chunks.

Every store passes tests/contract/test_chunk_store.py: the files that a server has, and memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from sharethings.records import Content


@runtime_checkable
class Incoming(Protocol):
    """A chunk that arrives."""

    @property
    def size(self) -> int:
        """The bytes that have arrived."""

    @property
    def head(self) -> bytes:
        """The first 16 of them."""

    @property
    def digest(self) -> bytes:
        """SHA-256 of all bytes; call `close` before."""

    async def write(self, piece: bytes) -> None:
        """Take the next bytes. Raises StorageFullError, BusyError, as all the others do."""

    async def close(self) -> None:
        """Take no more."""

    def read(self) -> bytes:
        """Give all bytes; call `close` before."""

    def keep(self, content: Content, chunk_index: int) -> None:
        """Put it in its place among the chunks of the content's blob, whole or not at all.

        In a job of the writer; blocks. Raises OSError, StorageFullError.
        """

    def discard(self) -> None:
        """Forget what was not kept; may be called twice."""


@runtime_checkable
class ChunkStore(Protocol):
    """The bytes of chunks, by blob and index. Which of them count is said by their rows."""

    def begin(self) -> Incoming:
        """Open a place for a chunk that arrives. Raises StorageFullError, BusyError."""

    def open(self, content: Content, chunk_index: int) -> Path | bytes:
        """Give the bytes or the file that holds them; of a chunk that is lost, none."""

    async def sync(self, content: Content, indexes: Iterable[int]) -> list[int]:
        """Make chunks as durable as the store can; gives those whose bytes are lost."""

    def drop(self, session_id: str, blob_id: str, indexes: Iterable[int]) -> None:
        """Remove chunks of a blob, for good: no crash brings one back. Blocks, raises OSError."""

    def bury(self, session_id: str, blob_id: str) -> object:
        """Take a blob away at once, in a job of the writer; readers finish."""

    def crumble(self) -> bool:
        """Free some of what was buried; say whether there may be more. Blocks."""
