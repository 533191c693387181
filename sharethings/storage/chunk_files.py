"""Chunk files: `sessions/{session_id}/{blob_id}/{index}.bin`, written beside and renamed.

Paths are built from hex ids and integers only. A file appears under its name whole or not at
all; whether it counts is said by its row (durability.md, "Chunk write"). When bytes and names
are brought onto the disk is the setting `durability`: with `content` before a content is
complete, with `full` before a chunk's row is committed too, with `fast` never.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sharethings.config import Durability
    from sharethings.records import Content
    from sharethings.storage.disk import Disk

WRITE_PIECE_BYTES = 1024 * 1024
"""Bytes gathered before a write and hash run in a thread: a thread hop costs some 60 µs."""
SESSION_ID = re.compile(r"[0-9a-f]{64}")
BLOB_ID = re.compile(r"[0-9a-f]{32}")
CHUNK_FILE = re.compile(r"(0|[1-9][0-9]{0,6})\.bin")
CRUMBLE_COUNT = 500
"""Files removed at a time: some 20 ms, after which a server that ends need not wait for more."""
HEAD_BYTES = 16
"""The public header of a chunk (protocol.md 6), looked at before the chunk is kept."""


class Stamp(NamedTuple):
    """What tells a file from the one that takes its place: `size` in bytes, inode, time in ns."""

    size: int
    inode: int
    changed_ns: int


@dataclass(frozen=True, slots=True)
class Folder:
    """A blob's folder: the sizes of its chunk files, and how many names in it are not ours.

    A stranger among the folders themselves is told as one in a folder without id.
    """

    session_id: str
    blob_id: str
    sizes: dict[int, int]
    strangers: int


class IncomingChunk:
    """A chunk that is arriving: a private file in `tmp/`, hashed while it is written."""

    def __init__(self, path: Path, disk: Disk, *, syncs: bool) -> None:
        """Create the file. All methods raise what `disk` says when it refuses.

        `syncs`: bytes and name are on the disk when `close` and `keep` return.
        """
        self._path = path
        self._disk = disk
        self._syncs = syncs
        self._file = -1
        with disk.guard():
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
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
        pieces, self._pieces, self._waiting_bytes = self._pieces, [], 0
        if pieces:
            with self._disk.guard():
                await asyncio.to_thread(self._write_all, pieces)

    def _write_all(self, pieces: list[bytes]) -> None:
        for piece in pieces:
            self._hash.update(piece)
            rest = memoryview(piece)
            while rest:
                rest = rest[os.write(self._file, rest) :]

    @property
    def digest(self) -> bytes:
        """SHA-256 of all bytes; call `flush` before."""
        return self._hash.digest()

    def read(self) -> bytes:
        """Give all bytes; call `flush` before. For the small ones that live in a row."""
        return self._path.read_bytes()

    async def close(self) -> None:
        """End the file; all is flushed and checked."""
        with self._disk.guard():
            if self._syncs:
                await asyncio.to_thread(os.fdatasync, self._file)
            file, self._file = self._file, -1
            os.close(file)

    async def keep(self, path: Path) -> None:
        """Give the closed file its final name; makes the folders."""
        with self._disk.guard():
            try:
                self._path.rename(path)
            except FileNotFoundError:
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._path.rename(path)
            if self._syncs:
                await asyncio.to_thread(_sync_folders, path)

    def discard(self) -> None:
        """Remove the file if it was not kept; may be called twice.

        What the disk does not let go stays in `tmp/` until the next start, and fails nobody.
        """
        with suppress(OSError):
            if self._file >= 0:
                file, self._file = self._file, -1
                os.close(file)
            self._path.unlink()


def _sync(path: Path, *, directory: bool) -> None:
    flags = os.O_RDONLY | os.O_CLOEXEC | (os.O_DIRECTORY if directory else os.O_NOFOLLOW)
    file = os.open(path, flags)
    try:
        if directory:
            os.fsync(file)
        else:
            os.fdatasync(file)
    finally:
        os.close(file)


def _sync_folders(chunk: Path) -> None:
    """Bring the names on the way to a chunk onto the disk: blob, session, all sessions."""
    for path in tuple(chunk.parents)[:3]:
        _sync(path, directory=True)


def _entries(path: str | Path) -> list[os.DirEntry[str]]:
    with os.scandir(path) as entries:
        return sorted(entries, key=attrgetter("name"))


def _is_folder(entry: os.DirEntry[str], pattern: re.Pattern[str]) -> bool:
    return bool(pattern.fullmatch(entry.name)) and entry.is_dir(follow_symlinks=False)


def _crumble(folder: str | Path, count: int) -> int:
    """Remove at most `count` things from a folder; gives how many more could have been."""
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                count = _crumble(entry.path, count)
            if count == 0:
                break
            path = Path(entry.path)
            with suppress(FileNotFoundError):
                path.rmdir() if entry.is_dir(follow_symlinks=False) else path.unlink()
            count -= 1
    return count


class ChunkFiles:
    """The files below one data directory."""

    def __init__(self, root: Path, disk: Disk, durability: Durability = "content") -> None:
        """Take the data directory; its folders exist (storage/data_directory.py)."""
        self._disk = disk
        self.syncs = durability != "fast"
        self._syncs_each = durability == "full"
        self._sessions = root / "sessions"
        self._tmp = root / "tmp"
        self._trash = root / "trash"

    def begin(self) -> IncomingChunk:
        """Open a place for a chunk that arrives."""
        path = self._tmp / secrets.token_hex(16)
        return IncomingChunk(path, self._disk, syncs=self._syncs_each)

    def path(self, content: Content, chunk_index: int) -> Path:
        """Give the place of a chunk."""
        return self.place(content.session_id, content.blob_id, chunk_index)

    def place(self, session_id: str, blob_id: str, chunk_index: int) -> Path:
        """Give the place of a chunk of a blob."""
        return self._sessions / session_id / blob_id / f"{chunk_index}.bin"

    def walk(self) -> Iterator[Folder]:
        """Give all folders of blobs in order, with the chunk files in them. Raises OSError."""
        for session in _entries(self._sessions):
            if not _is_folder(session, SESSION_ID):
                yield Folder("", "", {}, 1)
                continue
            for blob in _entries(session.path):
                if not _is_folder(blob, BLOB_ID):
                    yield Folder(session.name, "", {}, 1)
                    continue
                entries = _entries(blob.path)
                sizes = {
                    int(one.name.removesuffix(".bin")): one.stat(follow_symlinks=False).st_size
                    for one in entries
                    if CHUNK_FILE.fullmatch(one.name) and one.is_file(follow_symlinks=False)
                }
                yield Folder(session.name, blob.name, sizes, len(entries) - len(sizes))

    def drop(self, session_id: str, blob_id: str, indexes: Iterable[int]) -> None:
        """Remove chunk files. Raises OSError."""
        for index in indexes:
            self.place(session_id, blob_id, index).unlink(missing_ok=True)

    @staticmethod
    def stamp(path: Path) -> Stamp | None:
        """Look at a stored chunk; None when the file is not there."""
        try:
            found = path.stat(follow_symlinks=False)
        except FileNotFoundError:
            return None
        return Stamp(found.st_size, found.st_ino, found.st_mtime_ns)

    @staticmethod
    def digest(path: Path) -> bytes:
        """Give the SHA-256 of a stored chunk; blocks. Raises OSError."""
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        with os.fdopen(file, "rb") as chunk:
            return hashlib.file_digest(chunk, "sha256").digest()

    async def sync(self, content: Content, indexes: Iterable[int]) -> list[int]:
        """Bring chunks and their folders onto the disk; raises what `Disk` says of a fault.

        Gives the indexes whose file is not there.
        """

        def sync_all() -> list[int]:
            lost = []
            for index in indexes:
                try:
                    _sync(self.path(content, index), directory=False)
                except FileNotFoundError:
                    lost.append(index)
            with suppress(FileNotFoundError):  # all of them are lost
                _sync_folders(self.path(content, 0))
            return lost

        if not self.syncs:
            return []
        with self._disk.guard():
            return await asyncio.to_thread(sync_all)

    def bury(self, session_id: str, blob_id: str) -> Path | None:
        """Take the folder of a blob away from its name; gives where it is, None if there is none.

        Call it where no chunk can be given its name meanwhile. Readers that hold a file finish.
        Raises OSError.
        """
        folder = self._sessions / session_id / blob_id
        try:
            grave = folder.rename(self._trash / secrets.token_hex(16))
        except FileNotFoundError:
            return None
        with suppress(OSError):  # others of the session are still there
            folder.parent.rmdir()
        return grave

    def crumble(self) -> bool:
        """Remove some of what was buried; say whether there may be more. Blocks, raises OSError."""
        return not _crumble(self._trash, CRUMBLE_COUNT)
