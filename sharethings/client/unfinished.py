"""What this machine remembers of what is being shared, so that sharing it again goes on.

One file an upload, in the user's state folder (0700, files 0600): salt(16), then records, each
length u32 || sealed (crypto/record.py). The first is a `Header`; of each chunk one follows before
it is sent: index u32 || SHA-256 of the sealed chunk || SHA-256 of the plain piece. One file a
folder, too, with a `GroupHeader` and nothing else. The name of each is a
digest under a key of the session: nothing in it or of it tells which file it is about. The server
is never believed what it has: of a chunk whose digest stands nowhere here nothing is known.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import struct
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

import msgspec

from sharethings.crypto.errors import CryptoError
from sharethings.protocol.limits import NONCE_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sharethings.client.keys import SessionKeys
    from sharethings.client.session import Session

KEPT_SECONDS = 30 * 86_400.0
SALT_BYTES = 16
_LENGTH = struct.Struct(">I")
_CHUNK = struct.Struct(">I32s32s")


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """Which content an upload is, and which file it is of: bytes, ns, and its place on the disk."""

    content_id: str
    blob_id: str
    content_box: str
    created_ms: int
    size: int
    mtime_ns: int
    inode: int
    device: int


class GroupHeader(msgspec.Struct, frozen=True):
    """Which group a folder is shared as."""

    group_id: str


H = TypeVar("H", Header, GroupHeader)
"""What the first record of a state is."""


def state_folder(environment: Mapping[str, str]) -> Path:
    """Give where a user's programs keep such files (XDG base directories 0.8)."""
    given = environment.get("XDG_STATE_HOME", "")
    base = Path(given) if given.startswith("/") else Path.home() / ".local" / "state"
    return base / "sharethings" / "unfinished"


class Unfinished(Generic[H]):
    """The state of one upload; locked until `close`. `note` may be called from any thread.

    When it cannot be written any more (a full disk) it is forgotten, which `broken` is told once:
    to send needs no disk. What was noted down is known as long as this runs.
    """

    def __init__(
        self,
        path: Path,
        file: int,
        keys: SessionKeys,
        kind: type[H],
        broken: Callable[[OSError], None],
    ) -> None:
        """Use `open_unfinished`."""
        self.header: H | None = None
        self._kind: type[H] = kind
        self._path = path
        self._file = file
        self._keys = keys
        self._broken = broken
        self._is_broken = self._is_closed = False
        self._count = 0
        self._lock = threading.Lock()
        self._known: dict[tuple[int, bytes], bytes] = {}
        self._read()

    def _read(self) -> None:
        """Take in what is there, up to where it was torn; what is torn is cut off."""
        data = os.pread(self._file, os.fstat(self._file).st_size, 0)
        self._cipher = self._keys.record_cipher(data[:SALT_BYTES])
        end = 0
        with suppress(CryptoError, msgspec.MsgspecError, struct.error):
            for plain, after in self._records(data):
                if self.header is None:
                    self.header = msgspec.json.decode(plain, type=self._kind)
                else:
                    index, digest, plain_digest = _CHUNK.unpack(plain)
                    self._known[index, digest] = plain_digest
                self._count += 1
                end = after
        os.ftruncate(self._file, end)
        os.lseek(self._file, end, os.SEEK_SET)

    def _records(self, data: bytes) -> Iterator[tuple[bytes, int]]:
        """Give each record and where it ends. Raises CryptoError, struct.error at the end."""
        at = SALT_BYTES
        while True:
            (length,) = _LENGTH.unpack_from(data, at)
            at += _LENGTH.size + length
            yield self._cipher.open(self._count, data[at - length : at]), at

    def begin(self, header: H) -> None:
        """Begin anew."""
        salt = secrets.token_bytes(SALT_BYTES)
        self.header, self._count = header, 0
        self._known.clear()
        self._cipher = self._keys.record_cipher(salt)
        self._write(salt + self._record(msgspec.json.encode(header)), anew=True)

    def _record(self, plain: bytes) -> bytes:
        sealed = self._cipher.seal(self._count, secrets.token_bytes(NONCE_BYTES), plain)
        self._count += 1
        return _LENGTH.pack(len(sealed)) + sealed

    def _write(self, data: bytes, *, anew: bool = False) -> None:
        try:
            if anew:
                os.ftruncate(self._file, 0)
                os.lseek(self._file, 0, os.SEEK_SET)
            while data and not self._is_broken:
                data = data[os.write(self._file, data) :]
        except OSError as error:
            self._is_broken = True
            self._broken(error)
        if self._is_broken:
            self.forget()

    def note(self, index: int, digest: bytes, plain_digest: bytes) -> None:
        """Remember a sealed chunk, before it is sent."""
        with self._lock:
            if self._is_closed:  # a thread goes on when what waited for it was cancelled
                return
            self._write(self._record(_CHUNK.pack(index, digest, plain_digest)))
            self._known[index, digest] = plain_digest

    def plain_digest(self, index: int, digest: bytes) -> bytes | None:
        """Give the SHA-256 of the piece in a chunk of this digest; None for no chunk of ours."""
        return self._known.get((index, digest))

    def forget(self) -> None:
        """Forget it: nothing can or need go on."""
        self.header = None
        with suppress(OSError):  # of a broken disk: it is swept away when it is old
            os.ftruncate(self._file, 0)

    def close(self) -> None:
        """Let another process go on with it, if there is anything to go on with."""
        with self._lock:
            self._is_closed = True
            if self.header is None:
                with suppress(OSError):
                    self._path.unlink()
            os.close(self._file)


def open_unfinished(
    folder: Path, keys: SessionKeys, shared: Path, kind: type[H], broken: Callable[[OSError], None]
) -> Unfinished[H] | None:
    """Give the state of sharing a file or a folder in this session, new or old.

    `broken` is what `Unfinished` tells. None while another process has it. Files of old are swept
    away. Raises OSError.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _sweep(folder)
    path = folder / keys.record_name(os.fsencode(shared.resolve()))
    while True:
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        opened = os.open(path, flags, 0o600)
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(opened)
            return None
        if os.fstat(opened).st_nlink:
            return Unfinished(path, opened, keys, kind, broken)
        os.close(opened)  # whoever had it was done and has removed it


def open_notes(session: Session, folder: Path, shared: Path, kind: type[H]) -> Unfinished[H] | None:
    """Give the state as `open_unfinished` does; None, and said, where none can be kept."""

    def broken(error: OSError) -> None:
        session.say(f"If this is cut off, it begins anew: {folder} cannot be used ({error}).")

    try:
        return open_unfinished(folder, session.keys, shared, kind, broken)
    except OSError as error:
        broken(error)
        return None


def _sweep(folder: Path) -> None:
    for path in folder.iterdir():
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < time.time() - KEPT_SECONDS:
                path.unlink()
