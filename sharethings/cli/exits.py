"""Exit codes, and which failure has which; docs/cli.md lists them."""

from __future__ import annotations

import errno
from enum import IntEnum

from sharethings.admin.errors import AdminError, Kind
from sharethings.client.errors import (
    AddressError,
    ClientError,
    DamagedError,
    FileChangedError,
    GivenUpError,
    NoConnectionError,
    PartsLostError,
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
    ReadOnlyError,
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
    UNUSABLE = 8
    INTERRUPTED = 130


_OF_ADMIN: dict[Kind, Exit] = {
    "usage": Exit.USAGE,
    "not_found": Exit.NOT_FOUND,
    "space": Exit.LIMIT,
    "unusable": Exit.UNUSABLE,
    "unexpected": Exit.UNEXPECTED,
}
_OF: list[tuple[tuple[type[Exception], ...], Exit]] = [
    ((WrongPassphraseError, PassphraseChangedError), Exit.WRONG_PASSPHRASE),
    ((SessionNotFoundError, ContentNotFoundError, GivenUpError), Exit.NOT_FOUND),
    ((NoConnectionError, BusyError, InternalError), Exit.NO_CONNECTION),
    ((AddressError, TargetExistsError, UnicodeEncodeError), Exit.USAGE),
    (
        (
            StorageFullError,
            QuotaError,
            LimitReachedError,
            PinLimitError,
            ThrottledError,
            TooLargeError,
            ReadOnlyError,
            LimitError,
        ),
        Exit.LIMIT,
    ),
    (
        (
            DamagedError,
            ChunkDamagedError,
            PartsLostError,
            ServerRefusedError,
            FileChangedError,
            CryptoError,
        ),
        Exit.DAMAGED,
    ),
    ((ProtocolError, ClientError), Exit.UNEXPECTED),
]


_OWN_WORDS: list[tuple[type[Exception], str]] = [
    # The server's sentence leaves open whether there is such a session; hello has told.
    (
        WrongPassphraseError,
        "The passphrase is not the one of this session. Check it, and the session's name.",
    ),
    (UnicodeEncodeError, "A name, text or passphrase that was given is not UTF-8."),
]
OF_ONE_FILE = (OSError, FileChangedError, LimitError, PartsLostError)
"""What keeps one file from being shared; everything else keeps all that come after it, too."""
NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def exit_of(error: Exception) -> Exit | None:
    """Give the exit code of a failure that has a sentence for its user; None for others."""
    if isinstance(error, AdminError):
        return _OF_ADMIN[error.kind]
    if isinstance(error, OSError):
        return Exit.LIMIT if error.errno in NO_SPACE else Exit.UNEXPECTED
    return next((code for kinds, code in _OF if isinstance(error, kinds)), None)


def sentence_of(error: Exception) -> str:
    """Give what its user is told: the failure's own sentence, or the system's and the file."""
    for kind, sentence in _OWN_WORDS:
        if isinstance(error, kind):
            return sentence
    if isinstance(error, OSError) and error.strerror:
        return error.strerror + (f": {error.filename}" if error.filename else "")
    return str(error)
