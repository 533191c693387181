"""What one address may send in a day (hardening.md, "Limits")."""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import TYPE_CHECKING

from sharethings.protocol.errors import QuotaError

if TYPE_CHECKING:
    from sharethings.config import Settings
    from sharethings.core.clock import Clock

HOUR_SECONDS = 3600
WINDOW_HOURS = 24
REMEMBERED_COUNT = 100_000
"""Addresses remembered; who has sent nothing for longest is forgotten first (some 30 MB)."""


class DayQuota:
    """Bytes of each address, hour by hour; a window of a day that slides, in memory."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        """Take the limit and the clock."""
        self._limit_bytes = settings.address_bytes_per_day
        self._clock = clock
        self._sent: OrderedDict[str, deque[tuple[int, int]]] = OrderedDict()

    def take(self, address: str, size_bytes: int) -> None:
        """Count bytes that `address` sends or will send. Raises QuotaError beyond the limit.

        IPv6 addresses come grouped by their /64 (transport/address.py).
        """
        hour = int(self._clock.monotonic() // HOUR_SECONDS)
        hours = self._sent.get(address, deque())
        while hours and hours[0][0] <= hour - WINDOW_HOURS:
            hours.popleft()
        left = self._limit_bytes - sum(size for _, size in hours)
        if size_bytes > left:
            raise QuotaError(
                f"The content needs {size_bytes} bytes; of the {self._limit_bytes} that your "
                f"address may send in a day {left} are left. Try again tomorrow.",
                limit_bytes=self._limit_bytes,
                available_bytes=left,
            )
        if hours and hours[-1][0] == hour:
            size_bytes += hours.pop()[1]
        hours.append((hour, size_bytes))
        self._sent[address] = hours
        self._sent.move_to_end(address)
        if len(self._sent) > REMEMBERED_COUNT:
            self._sent.popitem(last=False)
