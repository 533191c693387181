"""10,000 connections that say nothing: memory of each, against Node's Socket.IO.

Ours have joined: 1,000 sessions of 10 members. Pings are answered meanwhile.
"""

from __future__ import annotations

import resource
import selectors
import threading
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from sharethings.transport.socket.engine import PING_INTERVAL_SECONDS
from tests.bench.rig import figures, servers
from tests.bench.rig.load import side_by_side
from tests.bench.rig.options import IS_QUICK
from tests.bench.rig.process import folder, pause, resident_bytes
from tests.bench.rig.room import Room
from tests.bench.rig.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.bench.rig.figures import Figures

CONNECTIONS = 1000 if IS_QUICK else 10_000
MEMBERS = 10
AT_ONCE = 16
SPARE_FILES = 500
SETTLE_SECONDS = PING_INTERVAL_SECONDS + 10
"""Until each has had a ping: before, it holds what it was told last."""


class Keeper:
    """Reads what connections are told and answers their pings, in a thread."""

    def __init__(self) -> None:
        """Hold nothing yet."""
        self._selector = selectors.DefaultSelector()
        self._wires: list[Wire] = []
        self._stopped = threading.Event()
        self.lost = 0

    def add(self, wire: Wire) -> None:
        """Hold a connection."""
        self._wires.append(wire)
        self._selector.register(wire.socket, selectors.EVENT_READ, wire)

    def run(self) -> None:
        """Read until stopped."""
        while not self._stopped.is_set():
            for key, _ in self._selector.select(0.1):
                try:
                    key.data.take()
                except ConnectionError:
                    self.lost += 1
                    self._selector.unregister(key.fileobj)

    def stop(self) -> None:
        """Let go of all."""
        self._stopped.set()
        for wire in self._wires:
            wire.close()


@contextmanager
def keeping() -> Iterator[Keeper]:
    """Run a keeper."""
    keeper = Keeper()
    thread = threading.Thread(target=keeper.run)
    thread.start()
    try:
        yield keeper
    finally:
        keeper.stop()
        thread.join()


def hold(pid: int, open_room: Callable[[int], Iterator[Wire]]) -> Figures:
    """Open all connections, and see what the server holds for each."""
    before = resident_bytes(pid)
    waiting = iter(range(CONNECTIONS // MEMBERS))
    lock = threading.Lock()

    def work() -> int:
        opened = 0
        while True:
            with lock:
                number = next(waiting, None)
            if number is None:
                return opened
            for wire in open_room(number):
                keeper.add(wire)
                opened += 1

    with keeping() as keeper:
        opened = sum(side_by_side([work] * AT_ONCE))
        pause(SETTLE_SECONDS)
        held = opened - keeper.lost
        kib = (resident_bytes(pid) - before) / held / 1024
    return {"connections": held, "kib_each": round(kib, 1)}


def measure() -> dict[str, Any]:
    """Give the memory of each connection, and the lines of the target."""
    files = CONNECTIONS + SPARE_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, files), max(hard, files)))
    with ExitStack() as stack:
        server = stack.enter_context(servers.product(stack.enter_context(folder())))
        program, _ = stack.enter_context(servers.node("relay.mjs"))

        def of_ours(number: int) -> Iterator[Wire]:
            room = Room(server.port, f"idle {number}")
            yield room.create().wire
            for _ in range(MEMBERS - 1):
                yield room.join().wire

        def of_node(number: int) -> Iterator[Wire]:
            for _ in range(MEMBERS):
                wire = Wire(program.port)
                wire.request("room", str(number))
                yield wire

        seen = {"ours": hold(server.pid, of_ours), "node": hold(program.pid, of_node)}
    held = seen["ours"]["connections"]
    return seen | {
        "lines": [
            figures.line("idle connections held", "10,000", held, f">= {CONNECTIONS}"),
            figures.line(
                "idle connection: KiB each", "at most 30 KiB", seen["ours"]["kib_each"], "<= 30"
            ),
        ]
    }
