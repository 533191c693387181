"""The data directory: who may use it, its folders, the lock, and how full its disk is."""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import stat
import time
from typing import TYPE_CHECKING

from sharethings.storage.restore import finish_restore

if TYPE_CHECKING:
    from pathlib import Path

FREE_SPACE_CACHE_SECONDS = 1.0


class DataDirectoryError(Exception):
    """The data directory cannot be used; the message says what to do."""


class DataDirectory:
    """An exclusively locked data directory. `close` gives it back."""

    def __init__(self, root: Path) -> None:
        """Make what is missing, refuse what is unsafe, lock it, and empty tmp/.

        Raises DataDirectoryError when it is open to others, on a read-only file system, or
        used by another server.
        """
        self.root = root
        os.umask(0o077)
        try:
            root.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._check(root)
            self._lock = os.open(root / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                os.close(self._lock)
                raise DataDirectoryError(
                    f"Another server uses {root}. Stop it, or choose another data directory."
                ) from error
            self.replaced = finish_restore(root)
            shutil.rmtree(root / "tmp", ignore_errors=True)
            for name in ("sessions", "backups", "tmp", "trash"):
                (root / name).mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise DataDirectoryError(
                f"The data directory {root} cannot be used: {error.strerror}. "
                "It must be on a writable disk and belong to the user of the server."
            ) from error
        self._free: tuple[float, int, int] = (-FREE_SPACE_CACHE_SECONDS, 0, 0)

    @staticmethod
    def _check(root: Path) -> None:
        state = root.stat()
        if not stat.S_ISDIR(state.st_mode):
            raise DataDirectoryError(f"{root} is not a directory.")
        if state.st_uid != os.getuid():
            raise DataDirectoryError(
                f"{root} belongs to another user. Run the server as its owner, or chown it."
            )
        if state.st_mode & 0o077:
            if any(entry.name != "README.md" for entry in root.iterdir()):
                raise DataDirectoryError(f"{root} is open to other users. Run: chmod 700 {root}")
            root.chmod(0o700)

    @property
    def database(self) -> Path:
        """The path of the database file."""
        return self.root / "sharethings.db"

    @property
    def sessions(self) -> Path:
        """The folder of the chunk files."""
        return self.root / "sessions"

    async def space(self) -> tuple[int, int]:
        """Give (free, total) bytes of the disk, at most a second old."""
        now = time.monotonic()
        if now - self._free[0] >= FREE_SPACE_CACHE_SECONDS:
            state = await asyncio.to_thread(os.statvfs, self.root)
            self._free = (
                now,
                state.f_bavail * state.f_frsize,
                state.f_blocks * state.f_frsize,
            )
        return self._free[1], self._free[2]

    def close(self) -> None:
        """Unlock the directory."""
        os.close(self._lock)
