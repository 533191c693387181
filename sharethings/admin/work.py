"""Long work in a thread, that tells how far it is and ends when nobody waits for it any more."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from sharethings.admin.place import Progress

T = TypeVar("T")
TELL_SECONDS = 0.1


class _StoppedError(Exception):
    """Nobody waits for the work."""


async def in_thread(work: Callable[[Progress], T], progress: Progress) -> T:
    """Run `work(tell)`; what it tells comes to `progress`, ten times a second at most.

    When the caller is cancelled, `tell` raises at its next call, which ends the work.
    """
    loop = asyncio.get_running_loop()
    stopped = threading.Event()
    told_at = time.monotonic()

    def tell(done: int, whole: int) -> None:
        nonlocal told_at
        if stopped.is_set():
            raise _StoppedError
        if time.monotonic() - told_at >= TELL_SECONDS:
            told_at = time.monotonic()
            loop.call_soon_threadsafe(progress, done, whole)

    try:
        return await asyncio.to_thread(work, tell)
    finally:
        stopped.set()
