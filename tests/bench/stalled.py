"""Readers that read nothing for 60 s: what they cost the server, and when they are let go.

One is a member among others who are told of messages of 16 KiB all the time, the others fetch
chunks of 4 MiB. All have a small window, so that nothing hides in the kernel.
"""

from __future__ import annotations

import socket
import time
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any

import psutil

from tests.bench.messages import MARKS
from tests.bench.rig import crowd, figures, load, servers
from tests.bench.rig.crowd import Receiver, Sender
from tests.bench.rig.options import CHUNK_SIZE, IS_QUICK
from tests.bench.rig.process import folder, resident_bytes
from tests.bench.rig.room import Room, prepared
from tests.bench.rig.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.bench.rig.load import Ask
    from tests.programs import Server

STALL_SECONDS = 15 if IS_QUICK else 65
CONTROL_SECONDS = 5 if IS_QUICK else 20
WINDOW_BYTES = 4096
GETS = 8
MESSAGE_BYTES = 16 * 1024 - 64
BATCH = 20
NEVER = 999.0


def stalled_get(port: int, request: Ask) -> socket.socket:
    """Ask for a chunk, and do not read it."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, WINDOW_BYTES)
    connection.connect(("127.0.0.1", port))
    connection.sendall(request.head())
    return connection


def held(server: Server, connections: list[socket.socket]) -> int:
    """Count those that the server still holds."""
    ours = {one.getsockname()[1] for one in connections}
    theirs = psutil.Process(server.pid).net_connections("tcp")
    return sum(one.status == psutil.CONN_ESTABLISHED and one.raddr.port in ours for one in theirs)


def tell(room: Room, sender: Sender, receiver: Receiver) -> None:
    """Send some messages, and wait until all are received."""
    sender.frames = iter([prepared(room.message(MESSAGE_BYTES), 1) for _ in range(BATCH)])
    crowd.run([sender], [receiver], 4)


def rate(act: Callable[[], None], seconds: float) -> float:
    """Act for some seconds; gives the messages a second."""
    began, count = time.monotonic(), 0
    while (passed := time.monotonic() - began) < seconds:
        act()
        count += BATCH
    return count / passed


def measure() -> dict[str, Any]:
    """Give how much memory grew, how long connections were held, and what others got meanwhile."""
    with ExitStack() as stack:
        server = stack.enter_context(servers.product(stack.enter_context(folder())))
        room = Room(server.port, "stalled")
        sender, listener = room.create(), room.join()
        sealed = room.seal(GETS * CHUNK_SIZE)
        sender.ask(sealed.share)
        load.run(room.port, room.puts(sender.token, sealed), 201)
        sender.ask(sealed.complete)
        talker = Sender(sender.wire, iter(()))
        act = partial(tell, room, talker, Receiver(listener.wire, MARKS["ours"], talker))
        alone = rate(act, CONTROL_SECONDS)
        before = resident_bytes(server.pid)
        deaf = room.join(Wire(server.port, WINDOW_BYTES)).wire.socket
        gets = [stalled_get(server.port, one) for one in room.gets(sender.token, sealed)]
        waiting = {"member": [deaf], "gets": gets}
        began, most = time.monotonic(), 0
        gone_after = dict.fromkeys(waiting, 0.0)

        def watched() -> None:
            nonlocal most
            act()
            most = max(most, resident_bytes(server.pid) - before)
            for name, one in waiting.items():
                if not gone_after[name] and not held(server, one):
                    gone_after[name] = time.monotonic() - began

        beside = rate(watched, STALL_SECONDS)
        for stalled in (deaf, *gets):
            stalled.close()
    growth = most / 1e6
    seen = {name: round(at, 1) if at else None for name, at in gone_after.items()}
    lines = [figures.line("readers that stall: MB that the server grows", "20 MB", growth, "<= 20")]
    lines += [
        figures.line(
            f"readers that stall: seconds until gone, {name}", "60 s", at or NEVER, "<= 60"
        )
        for name, at in gone_after.items()
    ]
    what = "messages a second to others meanwhile"
    lines += [figures.line(what, "0.8 of those without", beside / alone, ">= 0.8")]
    figures_of_all = {
        "messages_per_second_alone": round(alone),
        "messages_per_second": round(beside),
        "grown_mb": round(growth, 1),
    }
    return figures_of_all | {f"{k}_gone_after_s": v for k, v in seen.items()} | {"lines": lines}
