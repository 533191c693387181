"""The disk under the data directory: what it refused, and whether anything new is taken.

Nothing new is taken after too many faults, after one of a folder, when the operator says so, and
while the ballast is spent: then what is freed is for removing more.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import time
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.exc import DBAPIError

from sharethings.protocol.errors import BusyError, ReadOnlyError, StorageFullError
from sharethings.storage.faults import Fault, fault_of, reason_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sharethings.storage.ballast import Ballast

FAULTS_MAX = 3
FAULTS_SECONDS = 60.0
"""So many faults in this time: the disk is taken for broken until the next start."""
REFILL_SECONDS = 1.0
"""A spent ballast is tried to be made again so often, when there is something to write."""
PASSING = {errno.EMFILE, errno.ENFILE, errno.EAGAIN, errno.EINTR, errno.ENOMEM, errno.EBUSY}
"""What passes by itself: too many files are open, another program is at work."""
FULL_RETRY_SECONDS = 5
BUSY_RETRY_SECONDS = 5
log = structlog.get_logger(__name__)


class Disk:
    """Counts faults and spends the ballast; `check` says whether anything new is taken."""

    def __init__(
        self,
        ballast: Ballast | None = None,
        *,
        is_read_only: bool = False,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the operator's will and a clock in seconds."""
        self._ballast = ballast
        self._refill_at = 0.0
        self.is_read_only = is_read_only
        self.faults_count = 0
        self._monotonic = monotonic
        self._recent: deque[float] = deque(maxlen=FAULTS_MAX)
        self._told: set[tuple[str, str]] = set()

    def check(self) -> None:
        """Raise ReadOnlyError or StorageFullError when nothing new is taken."""
        if self.is_read_only:
            raise ReadOnlyError
        if self._ballast is not None and self._ballast.is_spent:
            if self._monotonic() >= self._refill_at:
                self._refill_at = self._monotonic() + REFILL_SECONDS
                self.refill()
            if self._ballast.is_spent:
                raise StorageFullError(retry_after_seconds=FULL_RETRY_SECONDS)

    def spend(self) -> None:
        """Give the ballast up. Raises BusyError when the disk refuses that too."""
        if self._ballast is not None:
            with self.guard():
                spent = self._ballast.give_up()
            if spent:
                log.warning("ballast_spent", advice="The disk is full: free space on it.")

    def refill(self) -> None:
        """Make the ballast again if there is room for it."""
        if self._ballast is not None:
            try:
                self._ballast.make()
            except OSError as error:
                self.translate(error)

    def sync_folder(self, path: Path) -> None:
        """Bring the names in a folder onto the disk. Raises OSError.

        From then on nothing new is taken: which names are not on the disk nobody knows, and
        asked again the system would say that all are. A file can be written once more under
        another name, a folder in use cannot.
        """
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECTORY)
        try:
            os.fsync(file)
        except OSError as error:
            self._stop_taking(error)
            raise
        finally:
            os.close(file)

    def translate(self, error: BaseException) -> BaseException:
        """Give what a caller is told of `error`; what is no refusal of the disk stays as it is.

        A broken disk is counted, one that cannot be used is logged once.
        """
        fault = fault_of(error)
        if fault is None:
            return error
        if fault is Fault.FULL:
            return StorageFullError(retry_after_seconds=FULL_RETRY_SECONDS)
        if fault is Fault.BROKEN:
            self._count(error)
        if fault is Fault.UNUSABLE or _lasts(error):
            self._tell_once("disk_unusable", error)
        return BusyError(
            "The server could not use its disk. Try again, and tell the operator.",
            retry_after_seconds=BUSY_RETRY_SECONDS,
        )

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Translate what the disk refuses meanwhile."""
        try:
            yield
        except (OSError, sqlite3.Error, DBAPIError) as error:
            failure = self.translate(error)
            if failure is error:
                raise
            raise failure from error

    def _count(self, error: BaseException) -> None:
        self.faults_count += 1
        now = self._monotonic()
        self._recent.append(now)
        log.warning("disk_fault", reason=reason_of(error), count=self.faults_count)
        if len(self._recent) == FAULTS_MAX and now - self._recent[0] <= FAULTS_SECONDS:
            self._stop_taking(error)

    def _stop_taking(self, error: BaseException) -> None:
        self.is_read_only = True
        self._tell_once("read_only", error)

    def _tell_once(self, event: str, error: BaseException) -> None:
        if (event, reason_of(error)) not in self._told:
            self._told.add((event, reason_of(error)))
            advice = "Check the disk, then restart the server."
            log.error(event, reason=reason_of(error), advice=advice)


def _lasts(error: BaseException) -> bool:
    """Say whether the system refused for a reason that does not go by itself.

    Permissions, a folder that is gone: unlike a broken disk these are put right while it runs.
    """
    known = isinstance(error, OSError) and fault_of(error) is Fault.BUSY
    return known and getattr(error, "errno", None) not in PASSING
