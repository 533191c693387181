"""Messages of 1 KiB to 1, 10 and 100 members, against Node's plain broadcast, which stores nothing.

Ours are sealed, validated, stored with a full sync and acknowledged. 32 are in flight over one
connection; `spread`: over 32 connections in 32 sessions, one each, to one member each. The time is
that until every member has every message; with one in flight, of each message.
"""

from __future__ import annotations

import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from tests.bench.rig import crowd, figures, servers
from tests.bench.rig.crowd import Receiver, Sender
from tests.bench.rig.options import IS_QUICK
from tests.bench.rig.process import cpu_seconds, folder, peak_bytes
from tests.bench.rig.room import Room, prepared
from tests.bench.rig.wire import Wire, event, frame

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.bench.rig.figures import Figures

IN_FLIGHT = 32
SINGLE = 50 if IS_QUICK else 200
SECONDS = 1 if IS_QUICK else 3
MEMBERS = (1, 10, 100)
OURS = {1: 6400, 10: 4800, 100: 2400}
"""No more than these are prepared; it is the time that ends the sending."""
NODES = {1: 64_000, 10: 32_000, 100: 4800}
TARGETS = {1: (0.2, 10), 10: (0.3, 10), 100: (1.0, 20)}
MARKS = {"ours": b'["content:changed"', "node": b'["message"'}


@dataclass(frozen=True, slots=True)
class Place:
    """A server of either kind: how its rooms are entered."""

    name: str
    port: int
    pid: int

    def open_room(self, name: str, members: int) -> tuple[Wire, list[Wire], Callable[[], bytes]]:
        """Give a sender, receivers, and what makes the next message."""
        if self.name == "node":
            wires = [Wire(self.port) for _ in range(members + 1)]
            for wire in wires:
                wire.request("room", name)
            text = "m" * 1024
            return wires[0], wires[1:], lambda: frame(event("message", text, 1))
        room = Room(self.port, name)
        first = room.create()
        others = [room.join() for _ in range(members)]
        return first.wire, [one.wire for one in others], lambda: prepared(room.message(), 1)


@contextmanager
def rooms(place: Place, count: int, members: int) -> Iterator[list[tuple[Any, ...]]]:
    """Open rooms, and close all their connections at the end."""
    opened = [place.open_room(f"{time.time_ns()}-{number}", members) for number in range(count)]
    yield opened
    for sender, receivers, _ in opened:
        for wire in (sender, *receivers):
            wire.close()


def many(place: Place, members: int, messages: int, rooms_count: int = 1) -> Figures:
    """Send with 32 in flight for some seconds; gives messages a second."""
    each = messages // rooms_count
    with rooms(place, rooms_count, members) as opened:
        senders, receivers = [], []
        prepared_frames = [[make() for _ in range(each)] for _, _, make in opened]
        for (wire, wires, _), frames in zip(opened, prepared_frames, strict=True):
            senders.append(Sender(wire, crowd.until(iter(frames), SECONDS)))
            receivers += [Receiver(one, MARKS[place.name], senders[-1]) for one in wires]
        cpu = cpu_seconds(place.pid)
        seconds = crowd.run(senders, receivers, IN_FLIGHT // rooms_count)
        cpu = cpu_seconds(place.pid) - cpu
    sent = sum(one.sent for one in senders)
    return {"per_second": sent / seconds, "cpu_ms": cpu / sent * 1000}


def single(place: Place, members: int) -> Figures:
    """Send with one in flight; gives the median and the 99th percentile in ms."""
    with rooms(place, 1, members) as opened:
        wire, wires, make = opened[0]
        frames = iter([make() for _ in range(SINGLE)])
        sender = Sender(wire, iter(()))
        receivers = [Receiver(one, MARKS[place.name], sender) for one in wires]
        taken = []
        for one in frames:
            sender.frames = iter((one,))
            taken.append(crowd.run([sender], receivers, 1))
    taken.sort()
    return {
        "median_ms": taken[SINGLE // 2] * 1000,
        "p99_ms": taken[SINGLE * 99 // 100] * 1000,
    }


def measure() -> dict[str, Any]:
    """Give medians, and the lines of the target."""
    seen: dict[str, Any] = {}
    lines = []
    with ExitStack() as stack:
        server = stack.enter_context(servers.product(stack.enter_context(folder())))
        program, _ = stack.enter_context(servers.node("relay.mjs"))
        ours, node = (
            Place("ours", server.port, server.pid),
            Place("node", program.port, program.pid),
        )
        for members in MEMBERS:
            found = figures.interleaved(
                {
                    f"ours to {members}": partial(many, ours, members, OURS[members]),
                    f"node to {members}": partial(many, node, members, NODES[members]),
                    f"ours to {members}, one": partial(single, ours, members),
                }
            )
            least, longest = TARGETS[members]
            lines += [
                figures.line(
                    f"messages a second to {members}, 32 in flight",
                    f"{least} of Node's plain broadcast",
                    found[f"ours to {members}"]["per_second"]
                    / found[f"node to {members}"]["per_second"],
                    f">= {least}",
                ),
                figures.line(
                    f"message to {members}, one in flight, p99 in ms",
                    f"under {longest} ms",
                    found[f"ours to {members}, one"]["p99_ms"],
                    f"<= {longest}",
                ),
            ]
            seen |= found
        seen |= figures.interleaved(
            {
                "ours, spread": partial(many, ours, 1, OURS[1], IN_FLIGHT),
                "node, spread": partial(many, node, 1, NODES[1], IN_FLIGHT),
            }
        )
        peaks = {f"{one.name}_peak_mb": round(peak_bytes(one.pid) / 1e6, 1) for one in (ours, node)}
    return {**peaks, **seen, "lines": lines}
