"""What one address may send in a day (hardening.md, "Limits")."""

from __future__ import annotations

from collections import Counter, OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, Self

from sharethings.protocol.errors import QuotaError

if TYPE_CHECKING:
    from sharethings.config import Settings
    from sharethings.core.clock import Clock

HOUR_SECONDS = 3600
WINDOW_HOURS = 24
REMEMBERED_COUNT = 100_000
"""Addresses remembered; who has sent nothing for longest is forgotten first (some 30 MB)."""


class DayQuota:
    """Bytes of each address, hour by hour; a window of a day that slides, in memory.

    Jobs take from it in the writer's thread, the loop gives back.
    """

    def __init__(self, settings: Settings, clock: Clock) -> None:
        """Take the limit and the clock."""
        self._limit_bytes = settings.address_bytes_per_day
        self._clock = clock
        self._sent: OrderedDict[str, Counter[int]] = OrderedDict()
        self._lock = Lock()

    def take(self, address: str, size_bytes: int) -> int:
        """Count bytes that `address` sends or will send; gives the hour in which they count.

        Raises QuotaError beyond the limit. IPv6 addresses come grouped by their /64
        (transport/address.py).
        """
        hour = int(self._clock.monotonic() // HOUR_SECONDS)
        with self._lock:
            sent = self._sent.get(address, Counter())
            for old in [one for one in sent if one <= hour - WINDOW_HOURS]:
                del sent[old]
            left = self._limit_bytes - sent.total()
            if size_bytes > left:
                raise QuotaError(
                    f"The content needs {size_bytes} bytes; of the {self._limit_bytes} that your "
                    f"address may send in a day {left} are left. Try again tomorrow.",
                    limit_bytes=self._limit_bytes,
                    available_bytes=left,
                )
            sent[hour] += size_bytes
            self._sent[address] = sent
            self._sent.move_to_end(address)
            if len(self._sent) > REMEMBERED_COUNT:
                self._sent.popitem(last=False)
        return hour

    def give_back(self, address: str, taken: Counter[int]) -> None:
        """Forget bytes, by the hour in which they counted: they did not come."""
        with self._lock:
            if address in self._sent:
                self._sent[address] -= taken  # what is left of each hour, 0 at least


class Reservation:
    """Bytes counted to an address while something is stored; a context manager."""

    def __init__(self, quota: DayQuota, address: str) -> None:
        """Take whose bytes are counted where."""
        self._quota = quota
        self._address = address
        self._taken: Counter[int] = Counter()

    def take(self, size_bytes: int) -> None:
        """Count bytes. Raises QuotaError when the address has sent too much."""
        self._taken[self._quota.take(self._address, size_bytes)] += size_bytes

    def __enter__(self) -> Self:
        """Begin with none."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *_rest: object) -> None:
        """Give them back when it was not stored."""
        if kind is not None:
            self._quota.give_back(self._address, self._taken)
