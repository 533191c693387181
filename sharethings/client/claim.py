"""A file on its way has its name for itself: `NAME.part`, and beside it a record of whose it is.

The record is locked by who writes. What a process that was killed has left is known by its record
and free to be taken up; anything else that stands there is left alone.
"""

from __future__ import annotations

import fcntl
import os
import stat
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from sharethings.client.errors import TargetExistsError
from sharethings.writing import write_at

if TYPE_CHECKING:
    from pathlib import Path

    from sharethings.client.places import Place

PART, RECORD = ".part", ".part-record"
SAFELY = os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL | SAFELY


class Claim(ABC):
    """An unfinished file, and its record; held by one process at a time."""

    def __init__(self, target: Place, header: bytes, option: str) -> None:
        """Make both, or take up what was left; `option` is the one that names the file.

        Raises TargetExistsError for anything else that stands there, what `_check_header`
        raises, OSError.
        """
        self.target = target
        self._part, self._record = target.beside(PART), target.beside(RECORD)
        self._header, self._option = header, option
        self._check_target()
        self._entries = self._open_record()
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
            f"{self.target.shown} exists already. Choose another name with {self._option}."
        )

    def _open_record(self) -> int:
        """Open the record, locked, its header checked."""
        is_new = self._record.stat() is None
        file = self._record.open(NEW) if is_new else self._take_up(self._record)
        try:
            self._lock(file)
            if os.fstat(file).st_size > 0 or self._part.stat() is not None:
                self._check_header(os.pread(file, len(self._header), 0))
            write_at(file, self._header, 0)
        except BaseException:
            os.close(file)
            if is_new:
                self._record.remove()
            raise
        return file

    def _lock(self, record: int) -> None:
        """Hold a record. Raises TargetExistsError when another process does, or did until now."""
        try:
            fcntl.flock(record, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(record).st_nlink == 1:
                return
        except BlockingIOError:
            pass
        raise TargetExistsError(
            f"Another download writes {self.shown}. "
            f"Wait for it, or choose another name with {self._option}."
        )

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
            f"{self._record.name}, or choose another name with {self._option}."
        )

    @abstractmethod
    def _check_header(self, header: bytes) -> None:
        """Look whether a header that was found tells of this. Raises `_taken` if not."""

    def _open_part(self) -> int:
        try:
            return self._part.open(NEW, 0o666)
        except FileExistsError:
            return self._take_up(self._part)

    def keep(self) -> None:
        """Give the file its name, when all of it is on the disk; blocks.

        Raises TargetExistsError when one of this name appeared meanwhile.
        """
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
        os.close(self._file)
        os.close(self._entries)

    @property
    def shown(self) -> Path:
        """The path of the unfinished file."""
        return self._part.shown
