"""What the tests of HAProxy share: a backend that shows what reached it, and ways to ask."""

from __future__ import annotations

import http.client
import ssl
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tests.programs import Haproxy


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/haproxy/" in item.path.as_posix():
            item.add_marker(pytest.mark.haproxy)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer read to its end."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes


@pytest.fixture
def ask() -> Callable[..., Answer]:
    """Send one request of HTTP/1.1 over TLS, each on a connection of its own."""

    def send(
        haproxy: Haproxy,
        path: str,
        headers: dict[str, str] | None = None,
        method: str = "GET",
    ) -> Answer:
        context = ssl.create_default_context(cafile=haproxy.ca_file)
        with closing(
            http.client.HTTPSConnection("127.0.0.1", haproxy.https_port, context=context)
        ) as connection:
            connection.request(method, path, headers=headers or {})
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())

    return send


@pytest.fixture
async def echo() -> AsyncIterator[str]:
    """Run a backend that answers with what it was sent: path, headers, length of the body."""

    async def show(request: web.Request) -> web.Response:
        shown: list[Any] = [[name.lower(), value] for name, value in request.headers.items()]
        length = len(await request.read())
        return web.json_response({"path": request.path_qs, "headers": shown, "length": length})

    async def ready(_request: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    app = web.Application(client_max_size=8 * 1024 * 1024)
    app.router.add_get("/readyz", ready)
    app.router.add_route("*", "/{path:.*}", show)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.fixture
async def visitors() -> AsyncIterator[Callable[[Haproxy], aiohttp.ClientSession]]:
    """Make sessions of aiohttp that trust the certificate of a HAProxy."""
    opened: list[aiohttp.ClientSession] = []

    def visit(haproxy: Haproxy) -> aiohttp.ClientSession:
        context = ssl.create_default_context(cafile=haproxy.ca_file)
        session = aiohttp.ClientSession(
            f"https://127.0.0.1:{haproxy.https_port}",
            connector=aiohttp.TCPConnector(ssl=context, limit=0),
        )
        opened.append(session)
        return session

    yield visit
    for session in opened:
        await session.close()
