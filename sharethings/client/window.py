"""A window: some pieces of a long work at a time, in the order of their numbers.

All chunks of a session share one line. On a slow one each of several takes so long that a server
gives all of them up, so that a window begins with one chunk, opens while they go well, and
closes to one when a chunk takes long or fails.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

T = TypeVar("T")

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
    things: Iterable[T] | AsyncGenerator[T],
    act: Callable[[T], Awaitable[None]],
    count: int = WINDOW_COUNT,
) -> None:
    """Await `act` for each thing, `count` at a time; the first failure ends the others."""
    waiting = things if isinstance(things, AsyncGenerator) else _one_by_one(things)
    turn = asyncio.Lock()

    async def work() -> None:
        while True:
            async with turn:
                try:
                    thing = await anext(waiting)
                except StopAsyncIteration:
                    return
            await act(thing)

    tasks = [asyncio.create_task(work()) for _ in range(count)]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await waiting.aclose()


async def _one_by_one(things: Iterable[T]) -> AsyncGenerator[T]:
    for thing in things:
        yield thing
