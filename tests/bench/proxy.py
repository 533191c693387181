"""What HAProxy with TLS costs: up and down through it, on the server's own core, and without."""

from __future__ import annotations

import os
import ssl
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any

from sharethings.protocol.requests import ContentRemove
from tests.bench.rig import figures, load, servers
from tests.bench.rig.options import PAYLOAD_BYTES, ROOT, SERVER_CORE
from tests.bench.rig.process import cost, folder
from tests.bench.rig.room import Room
from tests.programs import Haproxy, make_certificate

if TYPE_CHECKING:
    from tests.bench.rig.figures import Figures

BOUNDS = {"connections_per_address": 10_000, "requests_per_address": 1_000_000}


def move(room: Room, port: int, pids: list[int], tls: ssl.SSLContext | None) -> Figures:
    """Send a content and fetch it by way of `port`."""
    sealed = room.seal(PAYLOAD_BYTES)
    member = room.join()
    member.ask(sealed.share)
    with member.wire.held(), cost(sealed.payload_bytes, *pids) as up:
        load.run(port, room.puts(member.token, sealed), 201, tls=tls)
    member.ask(sealed.complete)
    with member.wire.held(), cost(sealed.payload_bytes, *pids) as down:
        load.run(port, room.gets(member.token, sealed), 200, tls=tls)
    member.ask(ContentRemove(content_id=sealed.content_id))
    member.wire.close()
    return {
        **{f"up_{name}": value for name, value in figures.of_cost(up).items()},
        **{f"down_{name}": value for name, value in figures.of_cost(down).items()},
    }


def measure() -> dict[str, Any]:
    """Give medians of both ways."""
    with ExitStack() as stack:
        place = stack.enter_context(folder())
        server = stack.enter_context(servers.product(place))
        certificate = make_certificate(place / "certificate", "localhost")
        haproxy = Haproxy(
            f"127.0.0.1:{server.port}",
            certificate,
            place / "haproxy.log",
            ROOT / "haproxy" / "haproxy.cfg",
            **BOUNDS,
        )
        stack.callback(haproxy.stop)
        haproxy.start()
        assert haproxy._process is not None
        pid = haproxy._process.pid
        os.sched_setaffinity(pid, {SERVER_CORE})  # started on our core, it has a single thread
        haproxy.wait_for_server("UP")
        tls = ssl.create_default_context(cafile=certificate.ca_file)
        room = Room(server.port, "proxy")
        room.create().wire.close()
        return figures.interleaved(
            {
                "plain": partial(move, room, server.port, [server.pid], None),
                "HAProxy with TLS": partial(move, room, haproxy.https_port, [server.pid, pid], tls),
            }
        )
