"""Live relay: a content is fetched by 1 and by 4 members while it is sent, and stored.

The others are members of a Socket.IO room of Node's (with bufferutil), which writes the same
files and sends each chunk on. Ours tells of what has come, and members fetch it, each over 4
connections. The time is that until the last member has the last byte.
"""

from __future__ import annotations

import json
import threading
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any

from sharethings.protocol.requests import ContentRemove
from tests.bench.rig import figures, load, servers
from tests.bench.rig.load import AT_ONCE, Connection
from tests.bench.rig.options import PAYLOAD_BYTES
from tests.bench.rig.process import cost, folder, peak_bytes
from tests.bench.rig.room import Room
from tests.bench.rig.wire import BINARY, PING_FRAME, Wire, frame

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.bench.rig.figures import Figures
    from tests.bench.rig.process import Program
    from tests.bench.rig.room import Member, Sealed
    from tests.programs import Server

RECEIVERS = (1, 4)
TARGETS = {1: 1.1, 4: 1.2}
PROGRESSED = b'42["content:progressed"'
AGAIN_SECONDS = 0.2
"""A chunk that is not there yet is asked for again when something was told, or after this."""


class Follower:
    """A member who fetches a content while it comes."""

    def __init__(self, room: Room, member: Member, sealed: Sealed) -> None:
        """Take who it is, and what it follows."""
        self._room = room
        self._member = member
        self._sealed = sealed
        self._told = threading.Condition()
        self._stored = 0
        self._next = 0

    def listen(self) -> int:
        """Hear what has come, until all has."""
        while self._stored < len(self._sealed.chunks):
            for payload in self._member.wire.take():
                if payload.startswith(PROGRESSED):
                    with self._told:
                        self._stored = json.loads(payload[2:])[1]["stored_count"]
                        self._told.notify_all()
        return 0

    def fetch(self) -> int:
        """Fetch the next chunk that nobody of us fetches, until there is none; gives the bytes."""
        connection = Connection(self._room.port)
        received = 0
        while True:
            with self._told:
                index, self._next = self._next, self._next + 1
                if index >= len(self._sealed.chunks):
                    break
                self._told.wait_for(lambda index=index: self._stored > index, AGAIN_SECONDS)  # type: ignore[misc]
            request = self._room.get(self._member.token, self._sealed.content_id, index)
            status, head, size, _ = connection.ask(request)
            while status == 404:
                with self._told:
                    self._told.wait(AGAIN_SECONDS)
                status, head, size, _ = connection.ask(request)
            assert status == 200, head
            received += size
        connection.close()
        return received


def ours(server: Server, room: Room, members: int) -> Figures:
    """Send a content to our server, while members fetch it."""
    sealed = room.seal(PAYLOAD_BYTES)
    sender = room.join()
    sender.ask(sealed.share)
    joined = [room.join() for _ in range(members)]
    followers = [Follower(room, member, sealed) for member in joined]
    puts = room.puts(sender.token, sealed)
    acts = [lambda: load.run(room.port, puts, 201) * 0]
    for one in followers:
        acts += [one.listen, *[one.fetch] * AT_ONCE]
    with sender.wire.held(), cost(sealed.payload_bytes, server.pid) as taken:
        received = sum(load.side_by_side(acts))
    assert received == members * sealed.payload_bytes
    sender.ask(ContentRemove(content_id=sealed.content_id))
    for member in (sender, *joined):
        member.wire.close()
    return figures.of_cost(taken) | {"peak_mb": peak_bytes(server.pid) / 1e6}


def placeholder(number: str, name: str) -> bytes:
    """Give the text part of a chunk's event; its bytes follow in a frame of their own."""
    return f'451-{number}["chunk","{name}",{{"_placeholder":true,"num":0}}]'.encode()


def drain(wire: Wire, size: int) -> int:
    """Receive so many bytes, whatever they are."""
    buffer = memoryview(bytearray(load.BUFFER_BYTES))
    while size > 0:
        got = wire.socket.recv_into(buffer)
        if not got:
            raise ConnectionResetError("Node hung up")
        size -= got
        if buffer[max(0, got - len(PING_FRAME)) : got] == PING_FRAME:
            size += len(PING_FRAME)
            wire.socket.sendall(frame(b"3"))
    return 0


def prepare(chunks: Sequence[bytes]) -> list[bytes]:
    """Give the frames that send chunks to Node."""
    return [
        frame(placeholder(str(index), f"{index}.bin")) + frame(chunk, BINARY)
        for index, chunk in enumerate(chunks)
    ]


def node(program: Program, files: Path, frames: list[bytes], size: int, members: int) -> Figures:
    """Send chunks of `size` bytes in all through Node, 4 at once."""
    sender, *others = [Wire(program.port) for _ in range(members + 1)]
    for wire in (sender, *others):
        wire.request("room", "bench")
    texts = sum(len(placeholder("", f"{index}.bin")) + 2 for index in range(len(frames)))
    expected = size + 10 * len(frames) + texts

    def send() -> int:
        answered = 0
        for number, prepared in enumerate(frames):
            sender.socket.sendall(prepared)
            while number + 1 - answered >= AT_ONCE:
                answered += sum(one.startswith(b"43") for one in sender.take())
        while answered < len(frames):
            answered += sum(one.startswith(b"43") for one in sender.take())
        return 0

    with cost(size, program.pid) as taken:
        load.side_by_side([send, *[partial(drain, wire, expected) for wire in others]])
    for wire in (sender, *others):
        wire.close()
    for path in files.iterdir():
        path.unlink()
    return figures.of_cost(taken) | {"peak_mb": peak_bytes(program.pid) / 1e6}


def measure() -> dict[str, Any]:
    """Give medians, and the lines of the target."""
    seen: dict[str, Any] = {}
    lines = []
    with ExitStack() as stack:
        server = stack.enter_context(servers.product(stack.enter_context(folder())))
        program, files = stack.enter_context(servers.node("relay.mjs"))
        room = Room(server.port, "bench")
        room.create().wire.close()
        sealed = room.seal(PAYLOAD_BYTES)
        frames = prepare(sealed.chunks)
        for members in RECEIVERS:
            found = figures.interleaved(
                {
                    f"ours to {members}": partial(ours, server, room, members),
                    f"node to {members}": partial(
                        node, program, files, frames, sealed.payload_bytes, members
                    ),
                }
            )
            ratio = (
                found[f"ours to {members}"]["mb_per_second"]
                / found[f"node to {members}"]["mb_per_second"]
            )
            target = TARGETS[members]
            lines.append(
                figures.line(
                    f"live relay to {members}: throughput",
                    f"{target} of Node's Socket.IO writing the same files",
                    ratio,
                    f">= {target}",
                )
            )
            seen |= found
    return seen | {"lines": lines}
