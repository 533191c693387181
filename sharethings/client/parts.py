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

import hmac
import os
import struct
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING

from sharethings.client.claim import Claim
from sharethings.client.errors import OtherRootError, RolledBackError
from sharethings.crypto.chunk import Trace
from sharethings.crypto.keys import derive, u32
from sharethings.writing import begin_writeback, write_at

if TYPE_CHECKING:
    from sharethings.client.download import Download
    from sharethings.client.places import Place

MAGIC = b"STPART1\0"
DIGEST_BYTES = 32
HEADER_BYTES = len(MAGIC) + 16 + 4 + 2 * DIGEST_BYTES
ENTRY = struct.Struct(">12sI32s")


class Part(Claim):
    """The unfinished file of one content, and which of its chunks are in it."""

    def __init__(self, target: Place, download: Download) -> None:
        """Make both, or take up what an earlier download of the same content has left.

        Raises TargetExistsError for anything else that stands there, RolledBackError,
        OtherRootError, OSError.
        """
        content = download.content
        content_id = bytes.fromhex(content.content_id)
        self._key = derive(download.key, "part record", content_id)
        self._revision = content.manifest_revision
        self._root = bytes.fromhex(content.manifest.root or "") or bytes(DIGEST_BYTES)
        self._download = download
        self.written_bytes = 0
        self._in_use = Lock()  # a thread that nobody waits for any more may still write
        self._is_open = True
        told = MAGIC + content_id + u32(self._revision) + self._root
        try:
            super().__init__(target, told + self._mac(told), "--output")
        except OtherRootError:
            self.discard()
            raise

    def _check_header(self, header: bytes) -> None:
        told, mac = header[:-DIGEST_BYTES], header[-DIGEST_BYTES:]
        if len(header) != HEADER_BYTES or not hmac.compare_digest(mac, self._mac(told)):
            raise self._taken("is of another download")
        revision, root = int.from_bytes(told[24:28], "big"), told[28:]
        if revision > self._revision:
            raise RolledBackError
        if root not in {bytes(DIGEST_BYTES), self._root}:
            raise OtherRootError

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
                write_at(self._file, piece, self._at(index))
                write_at(self._entries, ENTRY.pack(*trace), HEADER_BYTES + index * ENTRY.size)
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
        self.keep()

    def close(self) -> None:
        """Let go of it; what stands there can be taken up again."""
        with self._in_use:
            self._is_open = False
            super().close()
