"""What clients and operators ask first: configuration, health, readiness."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from aiohttp import web

from sharethings import __version__
from sharethings.protocol.bulk import CONFIG_PATH, ServerConfig, ServerLimits
from sharethings.protocol.limits import PINNED_MAX, PROTOCOL_VERSION, SUITE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sharethings.config import Settings


def _plain(text: str, status: int = 200) -> web.Response:
    return web.Response(text=text, status=status, headers={"Cache-Control": "no-store"})


def add_status(
    router: web.UrlDispatcher,
    realm: bytes,
    settings: Settings,
    is_ready: Callable[[], Awaitable[bool]],
) -> None:
    """Register `/api/v1/config`, `/healthz` and `/readyz`."""
    config = msgspec.json.encode(
        ServerConfig(
            protocol=PROTOCOL_VERSION,
            realm=realm.hex(),
            version=__version__,
            suites=[SUITE],
            limits=ServerLimits(
                control_event_bytes=settings.control_event_bytes,
                session_bytes=settings.session_bytes,
                contents_count=settings.contents_count,
                pinned_count=PINNED_MAX,
                session_idle_seconds=settings.session_idle_seconds,
                session_idle_max_seconds=settings.session_idle_max_seconds,
                unfinished_seconds=settings.unfinished_seconds,
            ),
        )
    )

    async def give_config(_request: web.Request) -> web.Response:
        return web.Response(
            body=config, content_type="application/json", headers={"Cache-Control": "no-store"}
        )

    async def health(_request: web.Request) -> web.Response:
        return _plain("ok\n")

    async def ready(_request: web.Request) -> web.Response:
        return _plain("ok\n") if await is_ready() else _plain("not ready\n", status=503)

    router.add_get(CONFIG_PATH, give_config)
    router.add_get("/healthz", health)
    router.add_get("/readyz", ready)
