"""When to try again: doubling waits with jitter, and what the server asked for."""

from __future__ import annotations

import asyncio
import random
import time
from typing import TYPE_CHECKING

from sharethings.client.errors import FileChangedError, NoConnectionError
from sharethings.protocol.errors import NotJoinedError, ProtocolError, ReadOnlyError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

FIRST_SECONDS = 0.25
LAST_SECONDS = 15.0
MINUTE_SECONDS = 60
YEAR_SECONDS = 365 * 24 * 3600


def is_passing(error: Exception) -> bool:
    """Say whether the same request may succeed later."""
    if isinstance(error, ProtocolError):
        return error.retryable or isinstance(error, NotJoinedError)
    return isinstance(error, NoConnectionError)


def may_go_on(error: BaseException) -> bool:
    """Say whether an upload that ended so can go on later: when it passes, or by another try."""
    if isinstance(error, ReadOnlyError):
        return True
    return not isinstance(error, ProtocolError | FileChangedError) or is_passing(error)


def asked_seconds(error: Exception) -> int | None:
    """Give for how long the server asks to be left alone, a year at most; None if it does not."""
    asked = getattr(error, "details", {}).get("retry_after_seconds")
    return min(max(asked, 0), YEAR_SECONDS) if isinstance(asked, int) else None


def clock_after(seconds: float) -> str:
    """Give the full minute, in local time, at which `seconds` from now are over."""
    then = time.time() + min(seconds, YEAR_SECONDS) + MINUTE_SECONDS - 1
    moment, today = time.localtime(then), time.localtime()
    is_today = moment[:3] == today[:3]
    return time.strftime("%H:%M" if is_today else "%H:%M on %Y-%m-%d", moment)


def wait_seconds(
    error: Exception, attempt: int, jitter: Callable[[], float] = random.random
) -> float:
    """Give the seconds before try `attempt` + 1: 0.25 doubled up to 15, ± 50 %, or Retry-After."""
    chance = jitter()
    wait = float(min(FIRST_SECONDS * 2 ** min(attempt, 10), LAST_SECONDS) * (0.5 + chance))
    asked = asked_seconds(error)
    return wait if asked is None else max(asked + chance, wait)


async def until_it_passes(act: Callable[[], Awaitable[None]]) -> None:
    """Do `act` again and again while its failure may pass. Raises one that does not."""
    attempt = 0
    while True:
        try:
            return await act()
        except (ProtocolError, NoConnectionError) as error:
            if not is_passing(error):
                raise
            await asyncio.sleep(wait_seconds(error, attempt))
            attempt += 1
