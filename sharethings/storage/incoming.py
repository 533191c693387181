"""A chunk on its way in: `tmp/{random}`, hashed while it is written, renamed when it counts.

After a fault of the disk its descriptor is never written or synced again: what the kernel says
of it then is not to be believed (https://lwn.net/Articles/752063/). While all bytes are still
at hand they are written once more, into a new file.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from contextlib import suppress
from typing import TYPE_CHECKING

from sharethings.protocol.errors import BusyError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sharethings.records import Content
    from sharethings.storage.disk import Disk

WRITE_PIECE_BYTES = 1024 * 1024
"""Bytes gathered before a write and hash run in a thread: a thread hop costs some 60 µs."""
HEAD_BYTES = 16
"""The public header of a chunk (protocol.md 6), looked at before the chunk is kept."""


class IncomingChunk:
    """A chunk that is arriving: a private file in `tmp/`, hashed while it is written."""

    def __init__(
        self, path: Path, place: Callable[[Content, int], Path], disk: Disk, *, syncs: bool
    ) -> None:
        """Create the file; `place` gives where it goes.

        All methods but `keep`, a step of a job, raise what `disk` says when it refuses.
        `syncs`: bytes and name are on the disk when `close` and `keep` return.
        """
        self._path = path
        self._place = place
        self._disk = disk
        self._syncs = syncs
        self._file = -1
        with disk.guard():
            self._open()
        self._whole: list[bytes] = []
        self._hash = hashlib.sha256()
        self._pieces: list[bytes] = []
        self._waiting_bytes = 0
        self.size = 0
        self.head = b""

    async def write(self, piece: bytes) -> None:
        """Take the next bytes."""
        if len(self.head) < HEAD_BYTES:
            self.head += piece[: HEAD_BYTES - len(self.head)]
        self.size += len(piece)
        self._pieces.append(piece)
        self._waiting_bytes += len(piece)
        if self._waiting_bytes >= WRITE_PIECE_BYTES:
            await self.flush()

    async def flush(self) -> None:
        """Write and hash what waits."""
        pieces, self._pieces, waiting, self._waiting_bytes = (
            self._pieces,
            [],
            self._waiting_bytes,
            0,
        )
        if pieces:
            self._whole = pieces if waiting == self.size else []
            await self._try(lambda: self._take_all(pieces), self._write_again)

    async def _try(self, act: Callable[[], None], again: Callable[[], None]) -> None:
        """Run a blocking act; after a fault of the disk, `again` while all bytes are at hand."""
        try:
            with self._disk.guard():
                await asyncio.to_thread(act)
        except BusyError:
            if not self._whole:
                raise
            with self._disk.guard():
                await asyncio.to_thread(again)

    def _open(self) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        self._file = os.open(self._path, flags, 0o600)

    def _take_all(self, pieces: list[bytes]) -> None:
        for piece in pieces:
            self._hash.update(piece)
        self._write_all(pieces)

    def _write_all(self, pieces: list[bytes]) -> None:
        for piece in pieces:
            rest = memoryview(piece)
            while rest:
                rest = rest[os.write(self._file, rest) :]

    def _write_again(self) -> None:
        """Write into a new file: nothing is true any more of one that the disk has refused."""
        self.discard()
        self._open()
        self._write_all(self._whole)

    @property
    def digest(self) -> bytes:
        """SHA-256 of all bytes; call `close` before."""
        return self._hash.digest()

    def read(self) -> bytes:
        """Give all bytes; call `close` before. For the small ones that live in a row."""
        return self._path.read_bytes()

    async def close(self) -> None:
        """Write what waits and end the file."""
        await self.flush()
        await self._try(self._end, self._end_again)

    def _end(self) -> None:
        if self._syncs:
            os.fdatasync(self._file)
        file, self._file = self._file, -1
        os.close(file)

    def _end_again(self) -> None:
        self._write_again()
        self._end()

    def keep(self, content: Content, chunk_index: int) -> None:
        """Give the closed file its final name; makes the folders. Blocks, raises OSError."""
        path = self._place(content, chunk_index)
        try:
            self._path.rename(path)
        except FileNotFoundError:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._path.rename(path)
        if self._syncs:
            sync_folders(path, self._disk)

    def discard(self) -> None:
        """Remove the file if it was not kept; may be called twice.

        What the disk does not let go stays in `tmp/` until the next start, and fails nobody.
        """
        file, self._file = self._file, -1
        with suppress(OSError):
            if file >= 0:
                os.close(file)
        with suppress(OSError):
            self._path.unlink()


def sync_file(path: Path) -> None:
    """Bring a file's bytes onto the disk. Raises OSError."""
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        os.fdatasync(file)
    finally:
        os.close(file)


def sync_folders(chunk: Path, disk: Disk) -> None:
    """Bring the names on the way to a chunk onto the disk: blob, session, all sessions."""
    for path in tuple(chunk.parents)[:3]:
        disk.sync_folder(path)
