"""A chunk on its way in: gathered, hashed, written to `tmp/{random}`, renamed when it counts.

A thread takes it whole where the memory for that is there, else piece by piece: each hop to a
thread and back is a fight for the interpreter's lock (docs/decisions/0031). The less memory is
left, the smaller the pieces: bodies that are half sent, however many, fill no more than that.

After a fault of the disk its descriptor is never written or synced again: what the kernel says
of it then is not to be believed (https://lwn.net/Articles/752063/). While all bytes are still
at hand they are written once more, into a new file.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sharethings.protocol.errors import BusyError
from sharethings.writing import begin_writeback, write_all

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sharethings.records import Content
    from sharethings.storage.disk import Disk

WHOLE_BYTES = 32 * 1024 * 1024
"""As long as all chunks on their way in hold no more together, each is gathered until it is whole.

They never hold more than twice that, but for the piece of each that has just come.
"""
WRITE_PIECE_BYTES = 1024 * 1024
"""From then on who has so much writes it; the nearer to twice that, the less, down to nothing."""
HEAD_BYTES = 16
"""The public header of a chunk (protocol.md 6), looked at before the chunk is kept."""


@dataclass(slots=True)
class Gathered:
    """Bytes in memory of all the chunks of a store that are on their way in."""

    size_bytes: int = 0

    def may_wait(self, waiting_bytes: int) -> bool:
        """Say whether a chunk may go on holding so many of them."""
        over_bytes = self.size_bytes - WHOLE_BYTES
        return over_bytes <= 0 or (
            waiting_bytes * WHOLE_BYTES < WRITE_PIECE_BYTES * (WHOLE_BYTES - over_bytes)
        )


class IncomingChunk:
    """A chunk that is arriving: in memory, then a private file in `tmp/`."""

    def __init__(
        self,
        path: Path,
        place: Callable[[Content, int], Path],
        disk: Disk,
        gathered: Gathered,
        *,
        syncs: bool,
    ) -> None:
        """Take where its file will be; `place` gives where that goes.

        All methods but `keep`, a step of a job, raise what `disk` says when it refuses.
        `syncs`: bytes and name are on the disk when `close` and `keep` return.
        """
        self._path = path
        self._place = place
        self._disk = disk
        self._gathered = gathered
        self._syncs = syncs
        self._file = -1
        self._has_file = False
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
        self._gathered.size_bytes += len(piece)
        if not self._gathered.may_wait(self._waiting_bytes):
            await self._flush(lambda: None)

    async def close(self) -> None:
        """Write what waits and end the file."""
        await self._flush(self._end)

    async def _flush(self, then: Callable[[], None]) -> None:
        """Hash and write what waits, `then` do that, in a thread.

        After a fault of the disk it is done again, if all bytes are at hand.
        """
        pieces, is_whole = self._pieces, self._waiting_bytes == self.size

        def take() -> None:
            for piece in pieces:
                self._hash.update(piece)
            self._write_all(pieces)
            then()

        def take_again() -> None:
            self._remove()  # nothing is true any more of a file that the disk has refused
            self._write_all(pieces)
            then()

        try:
            with self._disk.guard():
                await _in_thread(take)
        except BusyError:
            if not is_whole:
                raise
            with self._disk.guard():
                await _in_thread(take_again)
        self._forget()

    def _forget(self) -> None:
        self._gathered.size_bytes -= self._waiting_bytes
        self._pieces, self._waiting_bytes = [], 0

    def _write_all(self, pieces: list[bytes]) -> None:
        if self._file < 0:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            self._file = os.open(self._path, flags, 0o600)
            self._has_file = True
        for piece in pieces:
            write_all(self._file, piece)

    @property
    def digest(self) -> bytes:
        """SHA-256 of all bytes; call `close` before."""
        return self._hash.digest()

    def read(self) -> bytes:
        """Give all bytes; call `close` before. For the small ones that live in a row."""
        return self._path.read_bytes()

    def _end(self) -> None:
        if self._syncs:
            os.fdatasync(self._file)
        else:
            begin_writeback(self._file)
        file, self._file = self._file, -1
        os.close(file)

    def keep(self, content: Content, chunk_index: int) -> None:
        """Give the closed file its final name; makes the folders. Blocks, raises OSError."""
        path = self._place(content, chunk_index)
        try:
            self._path.rename(path)
        except FileNotFoundError:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._path.rename(path)
        self._has_file = False
        if self._syncs:
            sync_folders(path, self._disk)

    def discard(self) -> None:
        """Remove the file if it was not kept; may be called twice.

        What the disk does not let go stays in `tmp/` until the next start, and fails nobody.
        """
        self._forget()
        self._remove()

    def _remove(self) -> None:
        file, self._file = self._file, -1
        with suppress(OSError):
            if file >= 0:
                os.close(file)
        if self._has_file:
            self._has_file = False
            with suppress(OSError):
                self._path.unlink()


async def _in_thread(act: Callable[[], None]) -> None:
    """Run a blocking act; it is over when this returns, for a caller who is cancelled too.

    Or the descriptor that it writes to would be closed, and its number given to another file.
    """
    running = asyncio.get_running_loop().run_in_executor(None, act)
    try:
        await asyncio.shield(running)
    except asyncio.CancelledError:
        while not running.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([running])
        running.exception()  # or it would be logged as never looked at
        raise


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
