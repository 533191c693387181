"""A window: some pieces of a long work at a time, in the order of their numbers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

WINDOW_COUNT = 4


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
