"""Ballast: a file that takes room on the disk so that there is some when it is full.

SQLite needs space even to delete. When there is none, the ballast is given up, what frees space
is run, and the ballast is made again as soon as it fits.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class Ballast:
    """One file of `size_bytes`, really allocated; 0 bytes: there is none, and none is missed."""

    def __init__(self, path: Path, size_bytes: int) -> None:
        """Take where it lies; nothing is done yet."""
        self._path = path
        self._size_bytes = size_bytes
        self.is_spent = False

    def make(self) -> None:
        """Make it unless it is there. Raises OSError, and is spent, when it does not fit."""
        self.is_spent = self._size_bytes > 0
        if not self.is_spent:
            self._path.unlink(missing_ok=True)
            return
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            os.posix_fallocate(file, 0, self._size_bytes)
            os.ftruncate(file, self._size_bytes)
        except OSError:
            self._path.unlink()
            raise
        finally:
            os.close(file)
        self.is_spent = False

    def give_up(self) -> bool:
        """Free its space; say whether there was any. Raises OSError."""
        self.is_spent = self._size_bytes > 0
        try:
            self._path.unlink()
        except FileNotFoundError:
            return False
        return True
