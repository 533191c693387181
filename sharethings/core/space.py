"""Space: whether the disk takes more, and from whom (hardening.md, "Limits")."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import structlog

from sharethings.core.quota import DayQuota, Reservation
from sharethings.protocol.errors import StorageFullError
from sharethings.sizes import size_text

if TYPE_CHECKING:
    from sharethings.config import Settings
    from sharethings.core.clock import Clock
    from sharethings.records import Member
    from sharethings.storage.data_directory import DataDirectory
    from sharethings.storage.disk import Disk

RETRY_SECONDS = 10
"""So that a client that waits for a minute looks several times."""
LOG_SECONDS = 60.0
log = structlog.get_logger(__name__)


class Space:
    """Two watermarks: below the upper one no new content, below the lower one no chunk.

    What unfinished uploads were promised counts as taken: an upload that cannot fit is refused
    before its first byte.
    """

    def __init__(
        self, directory: DataDirectory, disk: Disk, settings: Settings, clock: Clock
    ) -> None:
        """Take the directory whose disk is watched."""
        self._directory = directory
        self._disk = disk
        self._settings = settings
        self._clock = clock
        self._quota = DayQuota(settings, clock)
        self._logged_at = -LOG_SECONDS

    async def check_content(self) -> int:
        """Give the bytes that chunks may still take, promised ones included.

        Raises StorageFullError or ReadOnlyError when no new content is taken.
        """
        await self._check(self._settings.free_content_bytes, self._settings.free_content_ratio)
        return await self.check_chunk()

    @staticmethod
    def check_room(size_bytes: int, *, room_bytes: int, promised: int) -> None:
        """Raise StorageFullError, with the numbers, when a content of `size_bytes` does not fit.

        Bytes `promised` to other uploads are gone.
        """
        left = max(0, room_bytes - promised)
        if size_bytes > left:
            raise StorageFullError(
                f"This needs {size_text(size_bytes, math.ceil)}; the disk of the server has room "
                f"for {size_text(left, math.floor)}. Try again when there is space.",
                retry_after_seconds=RETRY_SECONDS,
                available_bytes=left,
            )

    def reserving(self, member: Member) -> Reservation:
        """Give what counts bytes to a member's address, unless the block fails."""
        return Reservation(self._quota, member.address)

    def check_day(self, member: Member, size_bytes: int) -> None:
        """Raise QuotaError when a member's address may not send so many bytes more today."""
        self._quota.check(member.address, size_bytes)

    async def check_chunk(self) -> int:
        """Give the same. Raises StorageFullError or ReadOnlyError when no chunk is written."""
        return await self._check(self._settings.free_write_bytes, self._settings.free_write_ratio)

    async def _check(self, floor_bytes: int, floor_ratio: float) -> int:
        self._disk.check()
        free, total = await self._directory.space()
        needed = max(floor_bytes, int(total * floor_ratio))
        if free < needed:
            self._log(free, needed)
            raise StorageFullError(retry_after_seconds=RETRY_SECONDS, available_bytes=free)
        return free - needed

    def _log(self, free: int, needed: int) -> None:
        """Tell the operator, once a minute while it lasts."""
        now = self._clock.monotonic()
        if now - self._logged_at >= LOG_SECONDS:
            self._logged_at = now
            log.warning("disk_full", free_bytes=free, needed_bytes=needed)
