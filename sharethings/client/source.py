"""What is being shared and can be read again: a file, which may change meanwhile, or a text."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from sharethings.client.errors import FileChangedError
from sharethings.client.sizes import lay_out

if TYPE_CHECKING:
    from pathlib import Path


class Source(ABC):
    """Bytes of known size, read in padded pieces; `layout` says how they are cut."""

    def __init__(self, size: int) -> None:
        """Take the size in bytes. Raises LimitError."""
        self.layout = lay_out(size)

    def plain_bytes(self, index: int) -> int:
        """Give how many bytes of what is shared are in a piece, padding aside."""
        rest = self.layout.size - index * self.layout.chunk_size
        return min(self.layout.chunk_size, max(0, rest))

    def identity(self) -> dict[str, int]:
        """Give what tells it, as it is, from others and from itself after a change."""
        return {"size": self.layout.size, "mtime_ns": 0, "inode": 0, "device": 0}

    def read(self, index: int) -> bytes:
        """Give a piece with its padding; blocks. Raises OSError, FileChangedError."""
        offset = index * self.layout.chunk_size
        wanted = min(self.layout.chunk_size, self.layout.padded_size - offset)
        return self._read(offset, self.plain_bytes(index)).ljust(wanted, b"\0")

    @abstractmethod
    def _read(self, offset: int, size: int) -> bytes:
        """Give so many of its bytes."""


class TextSource(Source):
    """A text, held in memory."""

    def __init__(self, text: str) -> None:
        """Take the text. Raises LimitError, UnicodeEncodeError."""
        self._data = text.encode()
        super().__init__(len(self._data))

    def _read(self, offset: int, size: int) -> bytes:
        return self._data[offset : offset + size]


class FileSource(Source):
    """A file."""

    def __init__(self, path: Path) -> None:
        """Look at the file. Raises OSError, LimitError."""
        self._path = path
        self._before = path.stat()
        super().__init__(self._before.st_size)

    def identity(self) -> dict[str, int]:
        """Give what tells it, as it is, from others and from itself after a change."""
        now = self._before
        return {
            "size": now.st_size,
            "mtime_ns": now.st_mtime_ns,
            "inode": now.st_ino,
            "device": now.st_dev,
        }

    def is_older_than(self, moment_ms: int) -> bool:
        """Say whether nothing about the file has changed since (ms since 1970), not even its place.

        The time of such a change (ctime) is set by no program, unlike that of its bytes.
        """
        return max(self._before.st_mtime_ns, self._before.st_ctime_ns) < moment_ms * 1_000_000

    def _read(self, offset: int, size: int) -> bytes:
        with self._path.open("rb") as file:
            plain = os.pread(file.fileno(), size, offset)
            now = os.fstat(file.fileno())
        same = (now.st_size, now.st_mtime_ns) == (self._before.st_size, self._before.st_mtime_ns)
        if not same or len(plain) < size:
            raise FileChangedError(f"{self._path.name} changed while it was being sent.")
        return plain
