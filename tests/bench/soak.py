"""Memory of the server while 16 GiB go through it, up and down. Long: `make bench ONLY=soak`."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from sharethings.protocol.requests import ContentRemove
from tests.bench.rig import figures, load, servers
from tests.bench.rig.options import PAYLOAD_BYTES
from tests.bench.rig.process import folder, peak_bytes
from tests.bench.rig.room import Room

CONTENTS = 16


def measure() -> dict[str, Any]:
    """Send, fetch and remove a content 16 times; gives the peak after each."""
    peaks: list[float] = []
    with ExitStack() as stack:
        server = stack.enter_context(servers.product(stack.enter_context(folder())))
        room = Room(server.port, "soak")
        for _ in range(CONTENTS):
            sealed = room.seal(PAYLOAD_BYTES)
            member = room.join() if peaks else room.create()
            member.ask(sealed.share)
            with member.wire.held():
                load.run(room.port, room.puts(member.token, sealed), 201)
            member.ask(sealed.complete)
            with member.wire.held():
                load.run(room.port, room.gets(member.token, sealed), 200)
            member.ask(ContentRemove(content_id=sealed.content_id))
            member.wire.close()
            peaks.append(round(peak_bytes(server.pid) / 1e6, 1))
    line = figures.line(
        "memory of the server during 16 GiB: MB", "at most 200 MB", peaks[-1], "<= 200"
    )
    return {"peak_mb": peaks[-1], "first_peak_mb": peaks[0], "lines": [line]}
