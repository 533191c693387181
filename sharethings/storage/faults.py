"""What a disk says when it refuses: the one place that reads errno and SQLite's result codes.

SQLite's codes: https://www.sqlite.org/rescode.html. The low byte names the kind, the rest the act.
"""

from __future__ import annotations

import errno
import sqlite3
from enum import Enum

from sqlalchemy.exc import DBAPIError


class Fault(Enum):
    """Kinds of refusal; the value is what an operator does about it."""

    FULL = "Free space on its disk."
    BROKEN = "Look at the disk and at the system's log: reading or writing failed."
    UNUSABLE = "Check its file system and permissions, or restore a backup; it is left as it is."
    BUSY = "Another program uses it, or too many files are open; try again."


_OF_SYSTEM = {
    Fault.FULL: {errno.ENOSPC, errno.EDQUOT, errno.EFBIG},
    Fault.BROKEN: {errno.EIO, errno.EROFS, errno.ENXIO, errno.ENODEV, errno.ESTALE, errno.EUCLEAN},
}
_OF_SQLITE = {
    sqlite3.SQLITE_FULL: Fault.FULL,
    sqlite3.SQLITE_IOERR_SHMSIZE: Fault.FULL,  # the index of the log could not grow
    sqlite3.SQLITE_IOERR: Fault.BROKEN,
    sqlite3.SQLITE_READONLY: Fault.UNUSABLE,
    sqlite3.SQLITE_CORRUPT: Fault.UNUSABLE,
    sqlite3.SQLITE_NOTADB: Fault.UNUSABLE,
    sqlite3.SQLITE_PERM: Fault.UNUSABLE,
    sqlite3.SQLITE_BUSY: Fault.BUSY,
    sqlite3.SQLITE_LOCKED: Fault.BUSY,
    sqlite3.SQLITE_PROTOCOL: Fault.BUSY,
    sqlite3.SQLITE_CANTOPEN: Fault.BUSY,
    sqlite3.SQLITE_NOMEM: Fault.BUSY,
}


def fault_of(error: BaseException) -> Fault | None:
    """Give which refusal of the disk an exception tells; None for mistakes of our own."""
    if isinstance(error, OSError):
        kinds = (kind for kind, numbers in _OF_SYSTEM.items() if error.errno in numbers)
        return next(kinds, Fault.BUSY)
    source = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(source, "sqlite_errorcode", None)
    if code is None:
        return None
    return _OF_SQLITE.get(code) or _OF_SQLITE.get(code & 0xFF)


def reason_of(error: BaseException) -> str:
    """Give what the system or SQLite says, without the path or statement: these carry ids."""
    source = error.orig if isinstance(error, DBAPIError) else error
    return source.strerror or "" if isinstance(source, OSError) else str(source)
