"""Space: whether the disk takes more (hardening.md, "disk")."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from sharethings.protocol.errors import StorageFullError

if TYPE_CHECKING:
    from sharethings.config import Settings
    from sharethings.core.clock import Clock
    from sharethings.storage.data_directory import DataDirectory
    from sharethings.storage.disk import Disk

RETRY_SECONDS = 30
LOG_SECONDS = 60.0
log = structlog.get_logger(__name__)


class Space:
    """Two watermarks: below the upper one no new content, below the lower one no chunk."""

    def __init__(
        self, directory: DataDirectory, disk: Disk, settings: Settings, clock: Clock
    ) -> None:
        """Take the directory whose disk is watched."""
        self._directory = directory
        self._disk = disk
        self._settings = settings
        self._clock = clock
        self._logged_at = -LOG_SECONDS

    async def check_content(self) -> None:
        """Raise StorageFullError or ReadOnlyError when no new content is taken."""
        await self._check(self._settings.free_content_bytes, self._settings.free_content_ratio)

    async def check_chunk(self) -> None:
        """Raise StorageFullError or ReadOnlyError when no chunk is written."""
        await self._check(self._settings.free_write_bytes, self._settings.free_write_ratio)

    async def _check(self, floor_bytes: int, floor_ratio: float) -> None:
        self._disk.check()
        free, total = await self._directory.space()
        needed = max(floor_bytes, int(total * floor_ratio))
        if free < needed:
            self._log(free, needed)
            raise StorageFullError(retry_after_seconds=RETRY_SECONDS, available_bytes=free)

    def _log(self, free: int, needed: int) -> None:
        """Tell the operator, once a minute while it lasts."""
        now = self._clock.monotonic()
        if now - self._logged_at >= LOG_SECONDS:
            self._logged_at = now
            log.warning("disk_full", free_bytes=free, needed_bytes=needed)
