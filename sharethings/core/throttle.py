"""Throttles: how often something may be tried (hardening.md, "Limits").

Rates are the `limits` library's; the doubling wait after wrong passphrases is ours.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from limits import RateLimitItemPerHour, RateLimitItemPerSecond
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter

from sharethings.protocol.errors import ThrottledError

if TYPE_CHECKING:
    from sharethings.config import Settings
    from sharethings.core.clock import Clock

WAIT_MAX_SECONDS = 300
FORGET_SECONDS = 3600.0
REMEMBERED_COUNT = 100_000
"""Address and session pairs remembered; the oldest is forgotten first (some 20 MB)."""


@dataclass(slots=True)
class _Pair:
    """What is known of an address at a session."""

    last_at: float
    failures: int = 0
    blocked_until: float = 0.0
    is_known: bool = False


class JoinThrottle:
    """Slows wrong passphrases; members who hold a token never meet it.

    An address that has shown the passphrase of a session is not slowed by what strangers do
    there: they cannot keep a member from coming back.
    """

    def __init__(self, settings: Settings, clock: Clock) -> None:
        """Start with nothing remembered."""
        self._clock = clock
        self._free_count = settings.join_failures_count
        self._pairs: OrderedDict[tuple[str, str], _Pair] = OrderedDict()
        self._rates = FixedWindowRateLimiter(MemoryStorage())
        self._session_rate = RateLimitItemPerHour(settings.session_join_failures_per_hour)
        self._slow_rate = RateLimitItemPerSecond(1, 10)

    async def admit(self, address: str, session_id: str) -> None:
        """Count an attempt, as a failure until `succeeded` is called.

        Raises ThrottledError with the seconds to wait when this pair must wait.
        """
        now = self._clock.monotonic()
        pair = self._pairs.get((address, session_id), _Pair(now))
        if pair.blocked_until > now:
            self._refuse(pair.blocked_until - now)
        self._count(self._remember(address, session_id), now)
        if pair.is_known or await self._rates.test(self._session_rate, session_id):
            return
        if not await self._rates.hit(self._slow_rate, session_id):
            self._refuse(10)

    def _count(self, pair: _Pair, now: float) -> None:
        if now - pair.last_at > FORGET_SECONDS:
            pair.failures = 0
        pair.failures += 1
        pair.last_at = now
        beyond = pair.failures - self._free_count
        if beyond >= 0:
            pair.blocked_until = now + min(2 ** min(beyond, 10), WAIT_MAX_SECONDS)

    @staticmethod
    def _refuse(seconds: float) -> None:
        wait = max(1, math.ceil(seconds))
        raise ThrottledError(
            f"Too many wrong passphrases. Try again in {wait} s.", retry_after_seconds=wait
        )

    async def failed(self, session_id: str) -> None:
        """Count a wrong passphrase of a session, from wherever it came."""
        await self._rates.hit(self._session_rate, session_id)

    def succeeded(self, address: str, session_id: str) -> None:
        """Forget the failures of a pair that knows the passphrase, and remember that."""
        pair = self._remember(address, session_id)
        pair.failures, pair.blocked_until, pair.is_known = 0, 0.0, True

    def _remember(self, address: str, session_id: str) -> _Pair:
        pair = self._pairs.pop((address, session_id), None) or _Pair(self._clock.monotonic())
        self._pairs[address, session_id] = pair
        if len(self._pairs) > REMEMBERED_COUNT:
            self._pairs.popitem(last=False)
        return pair


class CreationThrottle:
    """Bounds how many sessions an address creates."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        """Start with nothing counted."""
        self._clock = clock
        self._rates = FixedWindowRateLimiter(MemoryStorage())
        self._rate = RateLimitItemPerHour(settings.creations_per_hour)

    async def hit(self, address: str) -> None:
        """Count a creation. Raises ThrottledError when the hour's number is used up."""
        if not await self._rates.hit(self._rate, address):
            window = await self._rates.get_window_stats(self._rate, address)
            wait = window.reset_time - self._clock.now_ms() / 1000
            raise ThrottledError(
                f"This address has created {self._rate.amount} sessions this hour. "
                "Join one of them, or try again later.",
                retry_after_seconds=max(1, math.ceil(wait)),
            )


class Pace:
    """A token bucket: `rate` acts a second, `burst` at once."""

    def __init__(self, rate: float, burst: int, clock: Clock) -> None:
        """Start full."""
        self._rate, self._burst, self._clock = rate, burst, clock
        self._level = float(burst)
        self._at = clock.monotonic()

    @property
    def full(self) -> bool:
        """Whether forgetting this bucket would change nothing."""
        idle = self._clock.monotonic() - self._at
        return self._level + idle * self._rate >= self._burst

    def take(self) -> float:
        """Take one; gives the seconds to wait when there is none, else 0."""
        now = self._clock.monotonic()
        self._level = min(self._burst, self._level + (now - self._at) * self._rate)
        self._at = now
        if self._level < 1:
            return (1 - self._level) / self._rate
        self._level -= 1
        return 0.0
