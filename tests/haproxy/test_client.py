"""The Python client's own connections over TLS."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from contextlib import closing
from typing import TYPE_CHECKING, Any

import aiohttp
import psutil

from sharethings.client.connector import Connector

if TYPE_CHECKING:
    from tests.programs import Certificate


def ours_to(port: int) -> list[Any]:
    """List this process's connections to a port of this machine."""
    connections = psutil.Process().net_connections("tcp4")
    return [one for one in connections if one.raddr and one.raddr.port == port]


def test_no_socket_stays_open_for_a_server_that_does_not_say_goodbye(
    certificate: Certificate,
) -> None:
    ended = threading.Event()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate.pem)
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(30)
    port = listener.getsockname()[1]

    def answer() -> None:
        connection, _ = listener.accept()
        with context.wrap_socket(connection, server_side=True) as secured:
            secured.recv(65536)
            secured.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
            assert ended.wait(30)

    async def ask() -> None:
        trusted = ssl.create_default_context(cafile=certificate.ca_file)
        async with aiohttp.ClientSession(connector=Connector(ssl=trusted)) as http:
            answer = await http.get(f"https://127.0.0.1:{port}/")
            assert await answer.text() == "ok"

    answering = threading.Thread(target=answer)
    with closing(listener):
        answering.start()
        try:
            asyncio.run(ask())
            assert not ours_to(port)
        finally:
            ended.set()
            answering.join()
