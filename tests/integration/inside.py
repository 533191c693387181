"""A server in this process, with the rules at hand: what no member can bring about."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sharethings.app import CORE, build_app
from sharethings.config import load_settings
from sharethings.core.clock import Clock
from sharethings.server import Core, Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@asynccontextmanager
async def serve_inside(data_directory: Path, **given: Any) -> AsyncIterator[tuple[str, Core]]:
    """Serve with settings; gives the address and the rules."""
    settings = load_settings(data_directory=data_directory, **given)
    clock = Clock()
    store = Store(settings, clock)
    await store.open()
    app = build_app(store, settings, clock)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    try:
        yield f"http://{host}:{port}", app[CORE]
    finally:
        await runner.cleanup()
        await store.close()
