"""A line between a client and a server on which one request meets a fault."""

from __future__ import annotations

import asyncio
import re
import socket
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.proxy import PIECE_BYTES, RESET, Proxy

if TYPE_CHECKING:
    from collections.abc import Iterator

BYTES_PER_SECOND = 20_000
DELAY_SECONDS = 0.3
STALL_SECONDS = 3.0
LOSSES = ("cut", "reset", "stall", "unanswered")
"""What costs the one request that they happen to; `moved` costs all that are on their way."""
FAULTS = (*LOSSES, "moved", "slow", "late", "twice")
MOVED_TO = "127.0.0.2"
"""Linux has all of 127.0.0.0/8 for its own."""
HEAD = re.compile(rb"(GET|PUT) \S+/(?:chunks/(\d+)|digests\?\S+) HTTP/1\.1\r\n")
RANGE = re.compile(rb"(?i)\r\nrange: ")
LENGTH = re.compile(rb"(?i)\r\ncontent-length: (\d+)")
CHUNK = re.compile("(GET|PUT) ")
EVENT = re.compile(rb'42\d*\["([a-z:]+)"')


@dataclass(slots=True)
class _Way:
    """One connection: its ends, and what of a frame has come so far."""

    near: asyncio.StreamReader
    writer: asyncio.StreamWriter
    far: asyncio.StreamReader
    behind: asyncio.StreamWriter
    is_socket: bool = False
    is_deaf: bool = False
    is_silent: bool = False
    held: bytearray = field(default_factory=bytearray)

    def messages(self, data: bytes) -> Iterator[tuple[bytes, str]]:
        """Give what can be passed on, and which request begins with it."""
        if not self.is_socket:
            self.is_socket = b"pgrade: websocket" in data
            yield data, _stage(data)
            return
        self.held += data
        while (size := _frame_bytes(self.held)) <= len(self.held):
            frame = bytes(self.held[:size])
            del self.held[:size]
            event = EVENT.match(_unmask(frame))
            yield frame, event[1].decode() if event else ""


def _stage(data: bytes) -> str:
    head = HEAD.match(data)
    if head is None:
        return ""
    if head[2] is None:
        return "digests"
    is_whole = RANGE.search(data) is None
    return f"{head[1].decode() if is_whole else 'digest'} {int(head[2])}"


def _frame_bytes(data: bytearray) -> int:
    """Give how long the masked WebSocket frame is that begins here (RFC 6455, 5.2)."""
    if len(data) < 14 and len(data) < 6 + (data[1] & 127 if len(data) > 1 else 0):
        return len(data) + 1
    length, more = data[1] & 127, 0
    if length >= 126:
        more = 2 if length == 126 else 8
        length = int.from_bytes(data[2 : 2 + more], "big")
    return 2 + more + 4 + length


def _unmask(frame: bytes) -> bytes:
    at = {126: 4, 127: 10}.get(frame[1] & 127, 2)
    key, sealed = frame[at : at + 4], frame[at + 4 :]
    return bytes(byte ^ key[place % 4] for place, byte in enumerate(sealed[:64]))


class Line(Proxy):
    """Meets the first request of a stage with a fault; use as `with Line(…) as line`.

    Stages are events of the control plane, `PUT INDEX` and `GET INDEX` of a chunk, `digest INDEX`
    (a GET of one byte) and `digests`. `slow` and `late` begin there and stay. All connections are
    reset there, and those that follow come from another address (`moved`). The others happen to
    that request alone: its connection is `cut` (FIN) or `reset` (RST) before it passes, it and
    what follows passes STALL_SECONDS later (`stall`), its answer is lost (`unanswered`), or it
    passes `twice`. `hits` says how often it happened, `asked` how often clients asked for each
    stage, `received_bytes` what they got.
    """

    def __init__(self, port: int, fault: str, stage: str) -> None:
        """Take the port behind, and what happens to which request."""
        super().__init__(port)
        self.received_bytes = 0
        self._ways: list[_Way] = []
        self.meet(fault, stage)

    def meet(self, fault: str, stage: str) -> None:
        """Do this from now on, and nothing more of what was done before."""
        assert fault in FAULTS
        self._fault = fault
        self._stage = stage
        self._delay_seconds = 0.0
        self._address = "127.0.0.1"
        self.bytes_per_second = None
        self.hits = 0
        self.asked = Counter[str]()

    def silence(self) -> None:
        """Pass nothing more over what is connected now, and tell nobody: its router forgot it."""
        for way in self._ways:
            way.is_silent = True

    def unexplained(self, moving_costs: int = 1) -> list[str]:
        """Give the chunks that were sent or fetched again though the fault had not cost them.

        `moving_costs`: how often a client asks again for what is on its way when it has `moved`.
        """

        def costs(stage: str) -> int:
            if self._fault == "moved":
                return moving_costs if stage[:4] == self._stage[:4] else 0
            return int(self._fault in LOSSES and stage == self._stage)

        chunks = {stage: count for stage, count in self.asked.items() if CHUNK.match(stage)}
        return [stage for stage, count in chunks.items() if count > 1 + costs(stage)]

    async def _pass(self, near: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far, behind = await self._reach()
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, behind}
        way = _Way(near, writer, far, behind)
        self._ways.append(way)
        await asyncio.gather(self._there(way), self._back(way), return_exceptions=True)
        self._ways.remove(way)
        self._writers -= {writer, behind}

    async def _reach(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self._port, local_addr=(self._address, 0))

    async def _there(self, way: _Way) -> None:
        try:
            while data := await way.near.read(PIECE_BYTES):
                await _hear(way)
                await self._take(len(data))
                for message, stage in way.messages(data):
                    self.asked[stage] += 1
                    is_met = stage == self._stage and not self.hits
                    way.behind.write(await self._meet(way, message) if is_met else message)
                    await way.behind.drain()
        finally:
            way.behind.close()

    async def _back(self, way: _Way) -> None:
        try:
            while data := await way.far.read(PIECE_BYTES):
                await _hear(way)
                if way.is_deaf:
                    _break(way)
                    return
                await self._let(len(data))
                way.writer.write(data)
                await way.writer.drain()
        finally:
            way.writer.close()

    async def _meet(self, way: _Way, message: bytes) -> bytes:
        """Do what happens to a request; gives what of it passes."""
        self.hits += 1
        match self._fault:
            case "cut":
                way.writer.close()
                raise ConnectionAbortedError
            case "reset":
                _break(way)
                raise ConnectionResetError
            case "moved":
                self._address = MOVED_TO
                await self._reset()
                raise ConnectionResetError
            case "stall":
                return await self._hold(way, message)
            case "slow":
                self.bytes_per_second = BYTES_PER_SECOND
            case "late":
                self._delay_seconds = DELAY_SECONDS
            case "unanswered":
                way.is_deaf = True
            case "twice":
                return await self._repeat(way, message)
        return message

    async def _hold(self, way: _Way, message: bytes) -> bytes:
        """Pass nothing for a time; what clients go on sending passes behind it."""
        held = way.held if way.is_socket else bytearray()
        with suppress(TimeoutError):
            async with asyncio.timeout(STALL_SECONDS):
                while data := await way.near.read(PIECE_BYTES):
                    await self._take(len(data))
                    held += data
                raise ConnectionAbortedError  # the client has given it up
        return message if way.is_socket else message + bytes(held)

    async def _repeat(self, way: _Way, message: bytes) -> bytes:
        """Send a request of its own before this one; a frame is repeated where it stands."""
        if way.is_socket:
            return message + message
        head, _, body = message.partition(b"\r\n\r\n")
        length = LENGTH.search(head)
        lacking = (int(length[1]) if length else 0) - len(body)
        if lacking > 0:
            message += await way.near.readexactly(lacking)
            await self._take(lacking)
        far, behind = await self._reach()
        behind.write(message)
        assert await far.read(PIECE_BYTES)
        behind.close()
        return message

    async def _take(self, size: int) -> None:
        await super()._take(size)
        await asyncio.sleep(self._delay_seconds)

    async def _let(self, size: int) -> None:
        self.received_bytes += size
        await asyncio.sleep(self._delay_seconds)
        if self.bytes_per_second is not None:
            async with self._turn:
                await asyncio.sleep(size / self.bytes_per_second)


async def _hear(way: _Way) -> None:
    if way.is_silent:
        await asyncio.Event().wait()  # until the line ends


def _break(way: _Way) -> None:
    for writer in (way.writer, way.behind):
        connection = writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        writer.transport.abort()
