"""Rounds: an act that is done again and again by a task of the server."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from sharethings.storage.faults import reason_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

log = structlog.get_logger(__name__)


class Rounds:
    """One task that does `act` every so many seconds; a failure is logged and tried again."""

    def __init__(self, name: str, seconds: float, act: Callable[[], Awaitable[None]]) -> None:
        """Take the task's name, the time between two rounds, and what to do."""
        self._name = name
        self._seconds = seconds
        self._act = act
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start the task; the first round comes after the first pause."""
        self._task = asyncio.create_task(self._run(), name=self._name)

    async def stop(self) -> None:
        """End the task, wherever it is."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._seconds)
            try:
                await self._act()
            except Exception as error:  # noqa: BLE001 - the task must outlive a bad hour of the disk
                log.warning(
                    "round_failed",
                    round=self._name,
                    kind=type(error).__name__,
                    error=reason_of(error),
                )
