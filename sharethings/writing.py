"""Writing what is large: in small pieces, and on its way to the disk while more comes.

Linux gives a file a stretch of its cache as large as what is written at once. Large stretches come
from memory that a virtual machine has given back to its host, and are paid for again with each
page; and what waits in the cache until the end has to be waited for there, all of it
(docs/decisions/0029).
"""

from __future__ import annotations

import ctypes
import errno
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PIECE_BYTES = 256 * 1024
SYNC_FILE_RANGE_WRITE = 2
LACKS = {errno.ENOSYS, errno.EPERM, errno.EINVAL, errno.EOPNOTSUPP, errno.ESPIPE}
"""The system, or the place of the file, has no such call."""

_sync_file_range = getattr(ctypes.CDLL(None, use_errno=True), "sync_file_range", None)
if _sync_file_range is not None:
    _sync_file_range.argtypes = (ctypes.c_int, ctypes.c_int64, ctypes.c_int64, ctypes.c_uint)


def parts_of(data: bytes | memoryview) -> Iterator[memoryview]:
    """Give the parts that are to be written one after the other."""
    whole = memoryview(data)
    return (whole[at : at + PIECE_BYTES] for at in range(0, len(whole), PIECE_BYTES))


def write_all(file: int, data: bytes | memoryview) -> None:
    """Write all bytes where a descriptor stands; blocks. Raises OSError."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(file, rest[:PIECE_BYTES]) :]


def write_at(file: int, data: bytes | memoryview, offset: int) -> None:
    """Write all bytes at an offset, where nobody else writes meanwhile; blocks. Raises OSError."""
    os.lseek(file, offset, os.SEEK_SET)
    write_all(file, data)


def begin_writeback(file: int) -> None:
    """Have the system begin to bring a file onto the disk; it proves nothing, as a sync does.

    Does nothing where there is no sync_file_range(2). Blocks while the disk has more to write
    than it takes at a time. Raises OSError when the disk refuses.
    """
    if _sync_file_range is None or _sync_file_range(file, 0, 0, SYNC_FILE_RANGE_WRITE) == 0:
        return
    number = ctypes.get_errno()
    if number not in LACKS:
        raise OSError(number, os.strerror(number))
