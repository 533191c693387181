"""Chunks that are on their way when the server is told to stop.

aiohttp's own stop (`Server.pre_shutdown`, 3.14) drops what arrives from then on, and waits in vain
for handlers that read it: so bodies are waited for before it begins.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from aiohttp import hdrs, web

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler


class Bodies:
    """Knows the PUTs that are being received."""

    def __init__(self) -> None:
        """Know none."""
        self._tasks: set[asyncio.Task[object]] = set()
        self._is_stopping = False

    @web.middleware
    async def watch(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Know a PUT until it is answered.

        Once the server stops it is the last one of its connection.
        """
        task = asyncio.current_task()
        if request.method != hdrs.METH_PUT or task is None:
            return await handler(request)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        response = await handler(request)
        if self._is_stopping:
            response.force_close()
        return response

    async def finish(self, runner: web.BaseRunner, seconds: float) -> None:
        """Let nobody connect any more; wait for bodies, at most `seconds`, and cut off the rest."""
        self._is_stopping = True
        for site in runner.sites:
            await site.stop()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._tasks:
                    await asyncio.wait(self._tasks)
        for task in self._tasks:
            task.cancel()
