"""A file on its way: `NAME.part`, and beside it the record of the chunks that are in it.

The record goes by no trust in the disk: an entry counts when the plain bytes that were written,
sealed again, are the chunk of its digest. Bytes that a power cut tore, that somebody changed, or
that belong to another content are fetched again.

record   "STPART1" 0x00 || content_id(16) || manifest_revision u32 || root(32, zeros: not known)
         || HMAC(key, "header" || all before)                                            92 bytes
         key = D(content_key, "part record", content_id)
entry i  nonce(12) || plain bytes u32, padding too || digest(32) of the sealed chunk      48 bytes
         an entry of zeros: not there
"""

from __future__ import annotations

import fcntl
import hmac
import os
import stat
import struct
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING

from sharethings.client.errors import OtherRootError, RolledBackError, TargetExistsError
from sharethings.crypto.chunk import Trace
from sharethings.crypto.keys import derive, u32
from sharethings.writing import begin_writeback, write_all

if TYPE_CHECKING:
    from pathlib import Path

    from sharethings.client.download import Download
    from sharethings.client.places import Place

PART, RECORD = ".part", ".part-record"
MAGIC = b"STPART1\0"
DIGEST_BYTES = 32
HEADER_BYTES = len(MAGIC) + 16 + 4 + 2 * DIGEST_BYTES
ENTRY = struct.Struct(">12sI32s")
SAFELY = os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL | SAFELY


class Part:
    """An unfinished file, and its record; held by one process at a time."""

    def __init__(self, target: Place, download: Download) -> None:
        """Make both, or take up what an earlier download of the same content has left.

        Raises TargetExistsError for anything else that stands there, RolledBackError,
        OtherRootError, OSError.
        """
        content = download.content
        self.target = target
        self._part, self._record = target.beside(PART), target.beside(RECORD)
        self._content_id = bytes.fromhex(content.content_id)
        self._key = derive(download.key, "part record", self._content_id)
        self._revision = content.manifest_revision
        self._root = bytes.fromhex(content.manifest.root or "") or bytes(DIGEST_BYTES)
        self._download = download
        self.written_bytes = 0
        self._in_use = Lock()  # a thread that nobody waits for any more may still write
        self._is_open = True
        self._check_target()
        try:
            self._entries = self._open_record()
        except OtherRootError:
            self.discard()
            raise
        try:
            self._file = self._open_part()
        except BaseException:
            os.close(self._entries)
            raise

    def _check_target(self) -> None:
        found = self.target.stat()
        if found is None:
            return
        part = self._part.stat()
        if part is not None and os.path.samestat(found, part):  # cut off between name and end
            self._part.remove()
            self._record.remove()
        raise TargetExistsError(
            f"{self.target.shown} exists already. Choose another name with --output."
        )

    def _open_record(self) -> int:
        """Open the record, locked, its header checked."""
        is_new = self._record.stat() is None
        file = self._record.open(NEW) if is_new else self._take_up(self._record)
        try:
            _lock(file, self.shown)
            if os.fstat(file).st_size > 0 or self._part.stat() is not None:
                self._check_header(os.pread(file, HEADER_BYTES, 0))
            _write(file, self._header(), 0)
        except BaseException:
            os.close(file)
            if is_new:
                self._record.remove()
            raise
        return file

    def _take_up(self, place: Place) -> int:
        """Open what stands there: it must be a plain file of this user, under this name alone."""
        try:
            file = place.open(os.O_RDWR | SAFELY)
        except OSError as error:
            raise self._taken("cannot be gone on with") from error
        found = os.fstat(file)
        alone = stat.S_ISREG(found.st_mode) and found.st_nlink == 1
        if not alone or found.st_uid != os.geteuid():
            os.close(file)
            raise self._taken("is not a plain file of your own")
        return file

    def _taken(self, why: str) -> TargetExistsError:
        return TargetExistsError(
            f"{self._part.shown} is in the way: it {why}. Remove it and "
            f"{self._record.name}, or choose another name with --output."
        )

    def _header(self) -> bytes:
        told = MAGIC + self._content_id + u32(self._revision) + self._root
        return told + self._mac(told)

    def _check_header(self, header: bytes) -> None:
        told, mac = header[:-DIGEST_BYTES], header[-DIGEST_BYTES:]
        if len(header) != HEADER_BYTES or not hmac.compare_digest(mac, self._mac(told)):
            raise self._taken("is of another download")
        revision, root = int.from_bytes(told[24:28], "big"), told[28:]
        if revision > self._revision:
            raise RolledBackError
        if root not in {bytes(DIGEST_BYTES), self._root}:
            raise OtherRootError

    def _open_part(self) -> int:
        try:
            return self._part.open(NEW, 0o666)
        except FileExistsError:
            return self._take_up(self._part)

    def _mac(self, told: bytes) -> bytes:
        return hmac.digest(self._key, b"header" + told, "sha256")

    def recall(self) -> None:
        """Tell the download of each chunk that is there as it was opened; blocks."""
        count = (os.fstat(self._entries).st_size - HEADER_BYTES) // ENTRY.size
        for index in range(count):
            with self._in_use:
                if not self._is_open:
                    return
                entry = os.pread(self._entries, ENTRY.size, HEADER_BYTES + index * ENTRY.size)
                plain = os.pread(self._file, self._download.piece_bytes(index), self._at(index))
            if self._download.recall(index, Trace._make(ENTRY.unpack(entry)), plain):
                self.written_bytes += len(plain)

    def write(self, index: int, trace: Trace, plain: bytes) -> int:
        """Write the plain bytes of a chunk to their place, then record them; blocks.

        Gives how many these are without padding.
        """
        piece = memoryview(plain)[: self._download.piece_bytes(index)]
        with self._in_use:
            if self._is_open:
                _write(self._file, piece, self._at(index))
                _write(self._entries, ENTRY.pack(*trace), HEADER_BYTES + index * ENTRY.size)
                self.written_bytes += len(piece)
                begin_writeback(self._file)
        return len(piece)

    def _at(self, index: int) -> int:
        return index * self._download.chunk_size

    def finish(self, size: int, created_ms: int) -> None:
        """Give the file its end, its time and its name, when all of it is on the disk; blocks.

        Raises TargetExistsError when one of this name appeared meanwhile.
        """
        with self._in_use:
            if self._is_open:
                self._finish(size, created_ms)

    def _finish(self, size: int, created_ms: int) -> None:
        os.ftruncate(self._file, size)
        with suppress(OSError):  # a file system without such times
            os.utime(self._file, ns=(created_ms * 1_000_000,) * 2)
        os.fsync(self._file)
        self._part.rename_to(self.target)
        self.discard()
        os.fsync(self.target.folder)

    def discard(self) -> None:
        """Remove what is not finished."""
        self._part.remove()
        self._record.remove()

    def close(self) -> None:
        """Let go of it; what stands there can be taken up again."""
        with self._in_use:
            self._is_open = False
            os.close(self._file)
            os.close(self._entries)

    @property
    def shown(self) -> Path:
        """The path of the unfinished file."""
        return self._part.shown


def _lock(record: int, part: Path) -> None:
    """Hold a record. Raises TargetExistsError when another process does, or did until now."""
    try:
        fcntl.flock(record, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(record).st_nlink == 1:
            return
    except BlockingIOError:
        pass
    raise TargetExistsError(
        f"Another download writes {part}. Wait for it, or choose another name with --output."
    )


def _write(file: int, data: bytes | memoryview, offset: int) -> None:
    os.lseek(file, offset, os.SEEK_SET)
    write_all(file, data)
