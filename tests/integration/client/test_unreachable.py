"""Servers that cannot be reached: each real failure has a sentence that says what to do."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from sharethings.client.bulk import Bulk
from sharethings.client.connector import open_http
from sharethings.client.control import Control
from sharethings.client.errors import NoConnectionError
from sharethings.client.server import Server
from sharethings.client.session import Session
from sharethings.client.unreachable import unreachable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.programs import Certificate

ID = "ab" * 16


async def failure(address: str) -> str:
    with pytest.raises(NoConnectionError) as caught:
        await Session.open(Server.parse(address), "Balcony garden", "Tia", "passphrase")
    return str(caught.value)


@asynccontextmanager
async def listening(
    certificate: Certificate | None = None,
    answer: bytes = b"",
    asked: list[bytes] | None = None,
) -> AsyncIterator[int]:
    """Answer and cut each connection, with TLS when there is a certificate; gives the port."""
    context = None
    if certificate is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate.pem)

    async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await reader.read(1)
        if asked is not None:
            asked.append(first)
        writer.write(answer)
        writer.close()

    async with await asyncio.start_server(cut, "127.0.0.1", 0, ssl=context) as server:
        yield server.sockets[0].getsockname()[1]


async def test_nobody_listens(free_port: int):
    url = f"http://127.0.0.1:{free_port}"
    assert await failure(url) == (
        f"{url} cannot be reached: nothing listens there. "
        "Check the address, and whether the server runs."
    )


async def test_a_name_that_nobody_has():
    assert "no machine of this name" in await failure("https://nothing.invalid")


async def test_a_certificate_that_is_not_trusted(certificate: Certificate):
    async with listening(certificate) as port:
        sentence = await failure(f"https://localhost:{port}")
    assert sentence.startswith(f"The certificate of https://localhost:{port} is not trusted: ")
    assert "--ca-file" in sentence
    assert "SSL" not in sentence


async def test_a_server_without_tls():
    async with listening(answer=b"HTTP/1.1 400 Bad Request\r\n\r\n") as port:
        assert "does not speak TLS" in await failure(f"https://127.0.0.1:{port}")


async def test_a_connection_that_is_cut():
    async with listening() as port:
        assert "the connection was cut" in await failure(f"http://127.0.0.1:{port}")


async def test_a_server_that_sends_elsewhere_is_not_followed():
    """Followed, a join over TLS could go on in the clear, or a chunk go to another server."""
    asked: list[bytes] = []
    async with listening(asked=asked) as elsewhere:
        place = f"http://127.0.0.1:{elsewhere}/x"
        answer = f"HTTP/1.1 308 Permanent Redirect\r\nLocation: {place}\r\n\r\n".encode()
        async with listening(answer=answer) as port:
            url = f"http://127.0.0.1:{port}"
            assert f"it sends whoever asks to {place}. " in await failure(url)
            server = Server.parse(url)
            async with open_http(server) as http:
                with pytest.raises(NoConnectionError):
                    await Control(server, http).open()
                with pytest.raises(NoConnectionError, match=f"asks to {place}"):
                    await Bulk(server, http).put("token", ID, ID, 0, b"chunk", bytes(32))
    assert asked == []


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (TimeoutError(), "it does not answer"),
        (OSError(113, "No route to host"), "No route to host. Check"),
    ],
)
def test_a_network_that_does_not_carry(error: Exception, reason: str):
    assert reason in str(unreachable("https://a.example", error))
