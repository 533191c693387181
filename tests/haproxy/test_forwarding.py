"""What passes HAProxy, in which words, and what does not pass."""

from __future__ import annotations

import asyncio
import io
import json
from typing import TYPE_CHECKING

import aiohttp
import pytest

from sharethings.protocol.errors import ERRORS, Failure, error_of
from sharethings.protocol.limits import CHUNK_OVERHEAD_BYTES, CHUNK_SIZE_MAX_BYTES
from tests.programs import ROOT, wait_until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tests.conftest import StartHaproxy, StartServer
    from tests.haproxy.conftest import Answer
    from tests.programs import Haproxy

    Visit = Callable[[Haproxy], aiohttp.ClientSession]

SPOOFED = {
    "X-Forwarded-For": "203.0.113.9",
    "X-Forwarded-Proto": "http",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Port": "1",
    "X-Forwarded-Prefix": "/evil",
    "Forwarded": "for=203.0.113.9;host=evil.example",
    "X-Real-IP": "203.0.113.9",
    "X-Client-IP": "203.0.113.9",
    "True-Client-IP": "203.0.113.9",
    "Via": "1.1 evil.example",
}


async def test_the_client_is_named_by_haproxy_alone(
    echo: str, haproxy: StartHaproxy, visitors: Visit
) -> None:
    async with visitors(haproxy(echo)).get("/seen", headers=SPOOFED) as answer:
        headers = (await answer.json())["headers"]
    names = {name.lower() for name in SPOOFED}
    told = sorted([name, value] for name, value in headers if name in names)
    assert told == [["x-forwarded-for", "127.0.0.1"], ["x-forwarded-proto", "https"]]


async def test_the_host_and_other_headers_pass(
    echo: str, haproxy: StartHaproxy, visitors: Visit
) -> None:
    sent = {"Host": "share.example", "Digest": "sha-256=x", "Authorization": "Bearer y"}
    async with visitors(haproxy(echo)).get("/seen", headers=sent) as answer:
        seen = dict((await answer.json())["headers"])
    assert {name: seen[name.lower()] for name in sent} == sent


async def test_the_server_believes_it_and_serves_a_page_for_https(
    server: StartServer, haproxy: StartHaproxy, visitors: Visit
) -> None:
    async with visitors(haproxy(server().url)).get(
        "/", headers={"Host": "share.example", "X-Forwarded-Proto": "http"}
    ) as answer:
        assert "wss://share.example" in answer.headers["Content-Security-Policy"]


async def test_a_websocket_speaks_through_it(
    server: StartServer, haproxy: StartHaproxy, visitors: Visit
) -> None:
    front = haproxy(server().url)
    own = {"Origin": f"https://127.0.0.1:{front.https_port}"}
    path = "/socket.io/?EIO=4&transport=websocket"
    async with visitors(front).ws_connect(path, headers=own) as socket:
        assert (await socket.receive_str()).startswith("0{")
        await socket.send_str("40")
        assert (await socket.receive_str()).startswith("40{")
    with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
        await visitors(front).ws_connect(path, headers={"Origin": "https://evil.example"})


LARGEST = CHUNK_SIZE_MAX_BYTES + CHUNK_OVERHEAD_BYTES


async def test_the_largest_chunk_passes_and_more_is_refused_before_it_is_sent(
    echo: str, haproxy: StartHaproxy, visitors: Visit, ask: Callable[..., Answer]
) -> None:
    front = haproxy(echo)
    async with visitors(front).put("/api/v1/x", data=io.BytesIO(bytes(LARGEST))) as answer:
        assert (await answer.json())["length"] == LARGEST
    headers = {"Content-Length": str(LARGEST + 8192)}
    refused = await asyncio.to_thread(ask, front, "/api/v1/x", headers, "PUT")
    assert refused.status == 413
    failure = json.loads(refused.body)["error"]
    assert failure["code"] == "too_large"
    assert failure["limit_bytes"] == LARGEST


async def test_a_body_is_passed_on_while_it_arrives(haproxy: StartHaproxy, visitors: Visit) -> None:
    """The backend has the first part before the client sends the second: nothing is buffered."""
    arrived, sent_on = asyncio.Event(), asyncio.Event()

    async def receive(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if b"/readyz" not in head:
            await reader.readexactly(1000)
            arrived.set()
            await reader.readexactly(1000)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.close()

    async def body() -> AsyncIterator[bytes]:
        yield bytes(1000)
        await asyncio.wait_for(arrived.wait(), 10)
        sent_on.set()
        yield bytes(1000)

    backend = await asyncio.start_server(receive, "127.0.0.1", 0)
    port = backend.sockets[0].getsockname()[1]
    async with (
        backend,
        visitors(haproxy(f"http://127.0.0.1:{port}")).put(
            "/api/v1/x", data=body(), headers={"Content-Length": "2000"}
        ) as answer,
    ):
        assert answer.status == 200
    assert sent_on.is_set()


async def test_headers_without_end_are_refused(
    echo: str, haproxy: StartHaproxy, visitors: Visit
) -> None:
    async with visitors(haproxy(echo)).get("/x", headers={"X-Long": "a" * 8192}) as answer:
        assert answer.status == 431
        assert (await answer.json())["error"]["code"] == "invalid_request"


async def test_logs_hold_no_query_no_whole_id_and_no_whole_address(
    echo: str, haproxy: StartHaproxy, visitors: Visit
) -> None:
    front = haproxy(echo)
    session_id = "0123456789abcdef" * 4
    path = f"/api/v1/sessions/{session_id}/contents?token=secret"
    async with visitors(front).get(path, headers={"Authorization": "Bearer secret"}) as answer:
        assert answer.status == 200
    wait_until(lambda: "/api/v1" in front.log, "the request is logged")
    (line,) = [line for line in front.log.splitlines() if "/api/v1" in line]
    assert line.startswith("127.0.0.0 GET /api/v1/sessions/01234567/contents 200 ")
    assert "secret" not in front.log


@pytest.mark.parametrize("name", ["unavailable", "throttled", "too_large", "headers"])
def test_the_errors_are_failures_of_the_protocol(name: str) -> None:
    text = (ROOT / "haproxy" / "errors" / f"{name}.json").read_text()
    failure = json.loads(text)["error"]
    kind = type(error_of(Failure(**failure)))
    assert ERRORS[failure["code"]] is kind
    assert failure.get("retryable", False) is kind.retryable
