"""Exit codes, and which failure has which; docs/cli.md lists them."""

from __future__ import annotations

import errno
from enum import IntEnum

from sharethings.client.errors import (
    AddressError,
    ClientError,
    DamagedError,
    FileChangedError,
    NoConnectionError,
    PassphraseChangedError,
    ServerRefusedError,
    TargetExistsError,
)
from sharethings.crypto.errors import CryptoError, LimitError
from sharethings.protocol.errors import (
    BusyError,
    ChunkDamagedError,
    ContentNotFoundError,
    InternalError,
    LimitReachedError,
    PinLimitError,
    ProtocolError,
    QuotaError,
    SessionNotFoundError,
    StorageFullError,
    ThrottledError,
    TooLargeError,
    WrongPassphraseError,
)


class Exit(IntEnum):
    """What a command ends with."""

    DONE = 0
    UNEXPECTED = 1
    USAGE = 2
    WRONG_PASSPHRASE = 3
    NOT_FOUND = 4
    NO_CONNECTION = 5
    DAMAGED = 6
    LIMIT = 7
    INTERRUPTED = 130


_OF: list[tuple[tuple[type[Exception], ...], Exit]] = [
    ((WrongPassphraseError, PassphraseChangedError), Exit.WRONG_PASSPHRASE),
    ((SessionNotFoundError, ContentNotFoundError), Exit.NOT_FOUND),
    ((NoConnectionError, BusyError, InternalError), Exit.NO_CONNECTION),
    ((AddressError, TargetExistsError), Exit.USAGE),
    (
        (
            StorageFullError,
            QuotaError,
            LimitReachedError,
            PinLimitError,
            ThrottledError,
            TooLargeError,
            LimitError,
        ),
        Exit.LIMIT,
    ),
    (
        (DamagedError, ChunkDamagedError, ServerRefusedError, FileChangedError, CryptoError),
        Exit.DAMAGED,
    ),
    ((ProtocolError, ClientError), Exit.UNEXPECTED),
]


NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def exit_of(error: Exception) -> Exit | None:
    """Give the exit code of a failure that has a sentence for its user; None for others."""
    if isinstance(error, OSError):
        return Exit.LIMIT if error.errno in NO_SPACE else Exit.UNEXPECTED
    return next((code for kinds, code in _OF if isinstance(error, kinds)), None)


def sentence_of(error: Exception) -> str:
    """Give what its user is told: the failure's own sentence, or the system's and the file."""
    if isinstance(error, StorageFullError):  # the server's own tells of an upload that waits
        return "The disk of the server is full. Try again when there is space."
    if isinstance(error, OSError) and error.strerror:
        return error.strerror + (f": {error.filename}" if error.filename else "")
    return str(error)
