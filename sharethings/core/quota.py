"""What a session may hold, and what one address may send in a day (hardening.md, "Limits")."""

from __future__ import annotations

import math
from collections import Counter, OrderedDict
from itertools import accumulate
from threading import Lock
from typing import TYPE_CHECKING, Self

from sharethings.protocol.errors import QuotaError
from sharethings.sizes import count_text, size_text

if TYPE_CHECKING:
    from sharethings.config import Settings
    from sharethings.core.clock import Clock

HOUR_SECONDS = 3600
WINDOW_HOURS = 24
REMEMBERED_COUNT = 100_000
"""Addresses remembered; who has sent nothing for longest is forgotten first (some 30 MB)."""


def check_session(size_bytes: int, *, held_bytes: int, limit_bytes: int) -> None:
    """Raise QuotaError when a session that holds so much has no room for `size_bytes` more."""
    left = max(0, limit_bytes - held_bytes)  # the limit can have been lowered since
    if size_bytes > left:
        parts = size_bytes > limit_bytes
        raise QuotaError(
            f"This needs {size_text(size_bytes, math.ceil)}; the session has room for "
            f"{size_text(left, math.floor)} of its {size_text(limit_bytes)}. "
            f"{'Share it in parts, in several sessions.' if parts else 'Remove something first.'}",
            limit_bytes=limit_bytes,
            available_bytes=left,
        )


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
        hour = self._hour()
        with self._lock:
            sent = self._checked(address, size_bytes, hour)
            sent[hour] += size_bytes
            self._sent[address] = sent
            self._sent.move_to_end(address)
            if len(self._sent) > REMEMBERED_COUNT:
                self._sent.popitem(last=False)
        return hour

    def check(self, address: str, size_bytes: int) -> None:
        """Raise QuotaError when `take` would now; counts nothing."""
        with self._lock:
            self._checked(address, size_bytes, self._hour())

    def _hour(self) -> int:
        return int(self._clock.monotonic() // HOUR_SECONDS)

    def _checked(self, address: str, size_bytes: int, hour: int) -> Counter[int]:
        """Give what was sent, when there is room for more."""
        sent = self._sent.get(address, Counter())
        for old in [one for one in sent if one <= hour - WINDOW_HOURS]:
            del sent[old]
        if size_bytes > self._limit_bytes - sent.total():
            raise self._refusal(size_bytes, sent)
        return sent

    def _refusal(self, size_bytes: int, sent: Counter[int]) -> QuotaError:
        """Say how much is left, and when there is enough again, unless that is never."""
        left = self._limit_bytes - sent.total()
        hours = sorted(sent)
        freed = zip(hours, accumulate(sent[hour] for hour in hours), strict=True)
        ends = next((hour for hour, size in freed if left + size >= size_bytes), None)
        advice, details = "Share a part of it.", {}
        if ends is not None:
            wait = (ends + WINDOW_HOURS) * HOUR_SECONDS - self._clock.monotonic()
            advice = f"Try again in {count_text(math.ceil(wait / HOUR_SECONDS), 'hour')}."
            details["retry_after_seconds"] = math.ceil(wait)
        return QuotaError(
            f"This needs {size_text(size_bytes, math.ceil)}; your address may send "
            f"{size_text(left, math.floor)} more, of {size_text(self._limit_bytes)} in a day. "
            f"{advice}",
            limit_bytes=self._limit_bytes,
            available_bytes=left,
            **details,
        )

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
