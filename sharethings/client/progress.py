"""How far a transfer is, as a person is told: it is never full before it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    Progress = Callable[[int], None]


class HeldBack:
    """Tells of bytes as they come, but for the last `held_bytes`: these when it is done."""

    def __init__(self, progress: Progress, held_bytes: int) -> None:
        """Take who is told the bytes that were added, or taken back."""
        self._progress = progress
        self._held_bytes = held_bytes
        self._come_bytes = self._told_bytes = 0

    def __call__(self, size: int) -> None:
        """Count bytes that have come; less than 0: that were lost again."""
        self._come_bytes += size
        self._tell(max(0, self._come_bytes - self._held_bytes))

    def done(self) -> None:
        """Tell all that has come."""
        self._tell(self._come_bytes)

    def _tell(self, size: int) -> None:
        self._progress(size - self._told_bytes)
        self._told_bytes = size
