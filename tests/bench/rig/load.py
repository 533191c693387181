"""A lean HTTP client: prepared requests over raw sockets, nothing parsed but status and length.

A thread for each connection; all bytes move in calls that hold no lock of the interpreter, so
that the client's core is never what is measured.
"""

from __future__ import annotations

import re
import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable

AT_ONCE = 4
BUFFER_BYTES = 1024 * 1024
TIMEOUT_SECONDS = 60.0
STATUS = re.compile(rb"HTTP/1\.1 (\d{3})")
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
NO_CHUNKS = b"0\r\n\r\n"
LOCATION = re.compile(rb"\r\nlocation: *(\S+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Ask:
    """A request as it goes over the wire."""

    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    def head(self) -> bytes:
        """Give all before the body."""
        lines = [f"{self.method} {self.path} HTTP/1.1", "Host: localhost"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        if self.method != "GET":
            lines.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join([*lines, "", ""]).encode()


class Connection:
    """One connection, kept alive."""

    def __init__(self, port: int, tls: ssl.SSLContext | None = None) -> None:
        """Connect to 127.0.0.1, with `tls` as `localhost`."""
        self._socket = socket.create_connection(("127.0.0.1", port), TIMEOUT_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls is not None:
            self._socket = tls.wrap_socket(self._socket, server_hostname="localhost")
        self._buffer = bytearray(BUFFER_BYTES)

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def ask(self, request: Ask, *, keep: bool = False) -> tuple[int, bytes, int, bytes]:
        """Send a request; gives status, head, length of the body, and with `keep` the body."""
        self._socket.sendall(request.head())
        if request.body:
            self._socket.sendall(request.body)
        seen, end = 0, -1
        while end < 0:
            got = self._socket.recv_into(memoryview(self._buffer)[seen:])
            if not got:
                raise ConnectionResetError(f"{request.method} {request.path}: hung up")
            seen += got
            end = self._buffer.find(b"\r\n\r\n", 0, seen)
        head = bytes(self._buffer[:end])
        status, length = STATUS.match(head), LENGTH.search(head)
        assert status is not None, head
        if CHUNKED.search(head):  # Node's answers without a body
            assert self._buffer[end + 4 : seen] == NO_CHUNKS, head
            return int(status[1]), head, 0, b""
        size = int(length[1]) if length else 0
        body = bytearray(self._buffer[end + 4 : seen]) if keep else bytearray()
        left = size - (seen - end - 4)
        while left:
            got = self._socket.recv_into(self._buffer, min(left, BUFFER_BYTES))
            if not got:
                raise ConnectionResetError(f"{request.method} {request.path}: cut")
            left -= got
            if keep:
                body += self._buffer[:got]
        return int(status[1]), head, size, bytes(body)


def run(
    port: int,
    requests: Iterable[Ask],
    expected: int,
    at_once: int = AT_ONCE,
    tls: ssl.SSLContext | None = None,
) -> int:
    """Do all requests, `at_once` at a time; gives the bytes of all answers' bodies."""
    waiting, turn = iter(requests), Lock()

    def take() -> Ask | None:
        with turn:
            return next(waiting, None)

    def work() -> int:
        connection = Connection(port, tls)
        received = 0
        try:
            while (request := take()) is not None:
                status, head, size, _ = connection.ask(request)
                assert status == expected, head
                received += size
        finally:
            connection.close()
        return received

    return sum(side_by_side([work] * at_once))


def side_by_side(acts: list[Callable[[], int]]) -> list[int]:
    """Do acts in a thread each; raises what any of them raises."""
    with ThreadPoolExecutor(len(acts)) as pool:
        return [one.result() for one in [pool.submit(act) for act in acts]]


def ask_once(port: int, request: Ask) -> tuple[int, bytes, bytes]:
    """Do one request on a connection of its own; gives status, head and body."""
    connection = Connection(port)
    try:
        status, head, _, body = connection.ask(request, keep=True)
    finally:
        connection.close()
    return status, head, body
