"""A lean Socket.IO client over a raw WebSocket (RFC 6455), for our server and for Node's.

Frames can be prepared: masked beforehand with a random mask, as browsers do; a mask of zeros
would spare Node's server its work.
"""

from __future__ import annotations

import json
import os
import select
import socket
import struct
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tests.bench.rig.load import TIMEOUT_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator

HELD_SECONDS = 0.2
"""How long a thread that holds a connection may still look at it."""

TEXT, BINARY, CLOSE, PING = 1, 2, 8, 9
UPGRADE = (
    "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost:{port}\r\n"
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: c2hhcmV0aGluZ3NiZW5jaA==\r\n\r\n"
)


PING_FRAME = bytes([0x80 | TEXT, 1]) + b"2"
"""engine.io's ping, as a server sends it."""


def frame(payload: bytes, opcode: int = TEXT) -> bytes:
    """Give a masked frame."""
    mask = os.urandom(4)
    size = len(payload)
    head = bytes([0x80 | opcode])
    if size < 126:
        head += bytes([0x80 | size])
    elif size < 2**16:
        head += struct.pack(">BH", 0xFE, size)
    else:
        head += struct.pack(">BQ", 0xFF, size)
    key = int.from_bytes((mask * (size // 4 + 1))[:size], "little")
    masked = int.from_bytes(payload, "little") ^ key
    return head + mask + masked.to_bytes(size, "little")


def event(name: str, data: Any, number: int | None = None) -> bytes:
    """Give a Socket.IO event as the text of a frame; with `number` it asks for an answer."""
    mark = "" if number is None else str(number)
    return f"42{mark}{json.dumps([name, data], separators=(',', ':'))}".encode()


class Wire:
    """An open connection."""

    def __init__(self, port: int, receive_bytes: int | None = None) -> None:
        """Connect to 127.0.0.1 and greet, as far as Socket.IO's own `connected`."""
        self.socket = socket.socket()
        if receive_bytes is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        self.socket.settimeout(TIMEOUT_SECONDS)
        self.socket.connect(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = bytearray()
        self._number = 0
        self.socket.sendall(UPGRADE.format(port=port).encode())
        while b"\r\n\r\n" not in self._buffer:
            self._more()
        end = self._buffer.find(b"\r\n\r\n")
        assert self._buffer.startswith(b"HTTP/1.1 101"), bytes(self._buffer)
        del self._buffer[: end + 4]
        self.socket.sendall(frame(b"40"))
        while not self.receive()[1].startswith(b"40"):
            pass

    def close(self) -> None:
        """Hang up."""
        self.socket.close()

    def _more(self) -> None:
        data = self.socket.recv(256 * 1024)
        if not data:
            raise ConnectionResetError("the server hung up")
        self._buffer += data

    def receive(self) -> tuple[int, bytes]:
        """Give the next frame's opcode and payload; pings of both layers are answered."""
        while True:
            found = self._next()
            if found is None:
                self._more()
            elif found == (TEXT, b"2"):
                self.socket.sendall(frame(b"3"))
            elif found[0] == CLOSE:
                raise ConnectionResetError("the server said goodbye")
            else:
                return found

    def _next(self) -> tuple[int, bytes] | None:
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        size, at = buffer[1], 2
        if size == 126:
            size, at = int.from_bytes(buffer[2:4], "big"), 4
        elif size == 127:
            size, at = int.from_bytes(buffer[2:10], "big"), 10
        if len(buffer) < at + size:
            return None
        found = buffer[0] & 15, bytes(memoryview(buffer)[at : at + size])
        del buffer[: at + size]
        return found

    def take(self) -> list[bytes]:
        """Read once, and give the payloads of the frames that are whole by then."""
        self._more()
        payloads = []
        while (found := self._next()) is not None:
            if found == (TEXT, b"2"):
                self.socket.sendall(frame(b"3"))
            payloads.append(found[1])
        return payloads

    @contextmanager
    def held(self) -> Iterator[None]:
        """Answer pings in a thread meanwhile; what else comes is dropped."""
        ended = threading.Event()

        def read() -> None:
            while not ended.is_set():
                if select.select([self.socket], [], [], HELD_SECONDS)[0]:
                    self.take()

        thread = threading.Thread(target=read)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def request(self, name: str, data: Any) -> Any:
        """Ask and give the answer; announcements that come before it are dropped."""
        self._number += 1
        self.socket.sendall(frame(event(name, data, self._number)))
        mark = f"43{self._number}[".encode()
        while not (found := self.receive()[1]).startswith(mark):
            pass
        return json.loads(found[len(mark) - 1 :])[0]
