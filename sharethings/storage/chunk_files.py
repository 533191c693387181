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

from sharethings.storage.faults import Fault, fault_of
from sharethings.storage.incoming import Gathered, IncomingChunk, sync_file, sync_folders

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sharethings.config import Durability
    from sharethings.records import Content
    from sharethings.storage.disk import Disk

SESSION_ID = re.compile(r"[0-9a-f]{64}")
BLOB_ID = re.compile(r"[0-9a-f]{32}")
SUFFIX = ".bin"
CHUNK_FILE = re.compile(r"(0|[1-9][0-9]{0,6})\.bin")
CRUMBLE_COUNT = 500
"""Files removed at a time: some 20 ms, after which a server that ends need not wait for more."""


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


def list_chunks(folder: str | Path) -> tuple[dict[int, int], list[int]]:
    """Give the sizes of a folder's chunk files by index, and of what else is in it.

    Raises OSError.
    """
    sizes: dict[int, int] = {}
    strangers: list[int] = []
    for entry in _entries(folder):
        size = entry.stat(follow_symlinks=False).st_size
        if CHUNK_FILE.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
            sizes[int(entry.name.removesuffix(SUFFIX))] = size
        else:
            strangers.append(size)
    return sizes, strangers


class ChunkFiles:
    """The files below one data directory."""

    def __init__(self, root: Path, disk: Disk, durability: Durability = "content") -> None:
        """Take the data directory; its folders exist (storage/data_directory.py)."""
        self._disk = disk
        self.syncs = durability != "fast"
        self._syncs_each = durability == "full"
        self._gathered = Gathered()
        self._sessions = root / "sessions"
        self._tmp = root / "tmp"
        self._trash = root / "trash"

    def begin(self) -> IncomingChunk:
        """Open a place for a chunk that arrives."""
        path = self._tmp / secrets.token_hex(16)
        return IncomingChunk(path, self.path, self._disk, self._gathered, syncs=self._syncs_each)

    def path(self, content: Content, chunk_index: int) -> Path:
        """Give the place of a chunk."""
        return self.place(content.session_id, content.blob_id, chunk_index)

    def open(self, content: Content, chunk_index: int) -> Path:
        """Give the file of a chunk, which need not be there."""
        return self.path(content, chunk_index)

    def place(self, session_id: str, blob_id: str, chunk_index: int) -> Path:
        """Give the place of a chunk of a blob."""
        return self._sessions / session_id / blob_id / f"{chunk_index}{SUFFIX}"

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
                sizes, strangers = list_chunks(blob.path)
                yield Folder(session.name, blob.name, sizes, len(strangers))

    def drop(self, session_id: str, blob_id: str, indexes: Iterable[int]) -> None:
        """Remove chunk files, and the folders that are empty then; blocks. Raises OSError.

        Call it where none of them can be given its name meanwhile.
        """
        folder = self._sessions / session_id / blob_id
        for index in indexes:
            self.place(session_id, blob_id, index).unlink(missing_ok=True)
        with suppress(OSError):  # others are still there
            folder.rmdir()
            folder.parent.rmdir()

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
        """Bring chunks and their folders onto the disk; gives those whose bytes are lost.

        A file that could not be synced must not be tried again (`drop` it): the second time the
        system would say that all is well, though pages of it are lost. Raises what `Disk` says
        of a fault with the folders.
        """

        def sync_all() -> list[int]:
            lost = [index for index in indexes if not self._sync(self.path(content, index))]
            with suppress(FileNotFoundError):  # all of them are lost
                sync_folders(self.path(content, 0), self._disk)
            return lost

        if not self.syncs:
            return []
        with self._disk.guard():
            return await asyncio.to_thread(sync_all)

    def _sync(self, path: Path) -> bool:
        """Say whether a file is on the disk; raises OSError when that could not be tried."""
        try:
            sync_file(path)
        except FileNotFoundError:
            return False
        except OSError as error:
            if fault_of(error) not in {Fault.BROKEN, Fault.FULL}:
                raise
            self._disk.translate(error)
            return False
        return True

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
