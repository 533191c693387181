"""Memory of the server while 16 GiB go through it, up and down: 8 times 1 GiB, and 8 in one.

Long: `make soak` runs it.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from sharethings.protocol.requests import ContentRemove
from tests.bench.rig import figures, load, servers
from tests.bench.rig.options import PAYLOAD_BYTES
from tests.bench.rig.process import folder, peak_bytes
from tests.bench.rig.room import Room

if TYPE_CHECKING:
    from tests.bench.rig.room import Member, Sealed

CONTENTS = 8
"""One after the other; then comes one that is as large as all of them."""


def through(room: Room, member: Member, sealed: Sealed) -> None:
    """Send, fetch and remove a content."""
    member.ask(sealed.share)
    with member.wire.held():
        load.run(room.port, room.puts_in_turn(member.token, sealed), 201)
    member.ask(sealed.complete)
    with member.wire.held():
        load.run(room.port, room.gets(member.token, sealed), 200)
    member.ask(ContentRemove(content_id=sealed.content_id))
    member.wire.close()


def measure() -> dict[str, Any]:
    """Give the peak after the first content, after all of its size, and after the largest."""
    peaks: list[float] = []
    with ExitStack() as stack:
        server = stack.enter_context(servers.product(stack.enter_context(folder())))
        room = Room(server.port, "soak")
        room.create().wire.close()
        for times in (*[1] * CONTENTS, CONTENTS):
            through(room, room.join(), room.seal(times * PAYLOAD_BYTES, hold=lambda made: made))
            peaks.append(round(peak_bytes(server.pid) / 1e6, 1))
    line = figures.line(
        "memory of the server during 16 GiB: MB", "at most 200 MB", peaks[-1], "<= 200"
    )
    return {
        "first_peak_mb": peaks[0],
        "small_peak_mb": peaks[-2],
        "peak_mb": peaks[-1],
        "lines": [line],
    }
