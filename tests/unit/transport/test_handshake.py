"""What is kept of the request that began a connection: nothing of what it and its answer said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from sharethings.config import load_settings
from sharethings.transport.socket.engine import make_server

if TYPE_CHECKING:
    from pytest_aiohttp import AiohttpClient

SOCKET = "/socket.io/?EIO=4&transport="


@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_nothing_is_kept_of_how_it_began(aiohttp_client: AiohttpClient, transport: str):
    app = web.Application()
    server = make_server(app, load_settings())
    begun: list[dict[str, Any]] = []

    def note(_eio_sid: str, environ: dict[str, Any]) -> bool:
        assert environ["HTTP_X_WHO"] == "zoe"
        begun.append(environ)
        return True

    async def forget(_eio_sid: str) -> None:
        pass

    server.on_open, server.on_close = note, forget
    client = await aiohttp_client(app)
    headers = {"X-Who": "zoe"}
    if transport == "websocket":
        connection = await client.ws_connect(SOCKET + transport, headers=headers)
        assert (await connection.receive_str()).startswith("0")
        assert begun == [{}]
    else:
        answer = await client.get(SOCKET + transport, headers=headers)
        assert (await answer.text()).startswith("0")
    assert list(server.environ.values()) == [{}]
