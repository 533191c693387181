"""A running server and Zoe, who has joined it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.server.knock import Knocker

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.conftest import StartServer
    from tests.programs import Server


@pytest.fixture
def started(server: StartServer) -> Server:
    return server(
        creations_per_hour=10_000, control_events_burst=10_000, unfinished_uploads_count=4
    )


@pytest.fixture
async def zoe(started: Server) -> AsyncIterator[Knocker]:
    async with Knocker(started.url) as knocker:
        yield await knocker.start()
        page = await knocker.ask("content:list")
        assert page["revision"] >= 1, "the server must still work"
