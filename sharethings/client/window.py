"""A window: some pieces of a long work at a time, in the order of their numbers.

All chunks of a session share one line. On a slow one each of several takes so long that a server
gives all of them up, so that a window begins with one chunk, opens while they go well, and
closes to one when a chunk takes long or fails.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable

WINDOW_COUNT = 4
QUICK_SECONDS = 3.0
"""A chunk that takes less goes well: one more beside it makes it take twice as long at most."""
SLOW_SECONDS = 12.0
"""A chunk that takes longer shares its line with too many; servers wait for 30 s and more."""


class Window:
    """How many chunks of a session are on their way at a time, 1 to `WINDOW_COUNT`."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Take a clock (s)."""
        self.width = 1
        self._clock = clock
        self._taken = 0
        self._moved = asyncio.Event()

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Hold a place, once there is one, while one chunk is sent or fetched once."""
        while self._taken >= self.width:
            self._moved.clear()
            await self._moved.wait()
        self._taken += 1
        began = self._clock()
        try:
            yield
        except Exception:
            self.width = 1
            raise
        else:
            self._measure(self._clock() - began)
        finally:
            self._taken -= 1
            self._moved.set()

    def _measure(self, seconds: float) -> None:
        if seconds > SLOW_SECONDS:
            self.width = 1
        elif seconds < QUICK_SECONDS:
            self.width = min(self.width + 1, WINDOW_COUNT)


async def in_window(
    indexes: Iterable[int], act: Callable[[int], Any], count: int = WINDOW_COUNT
) -> None:
    """Await `act` for each index, `count` at a time; the first failure ends the others."""
    waiting = iter(indexes)

    async def work() -> None:
        for index in waiting:
            await act(index)

    tasks = [asyncio.create_task(work()) for _ in range(count)]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
