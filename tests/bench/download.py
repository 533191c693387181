"""Download: GET of 4 MiB chunks, 4 at once, against nginx's files and tus."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from tests.bench import upload
from tests.bench.rig import figures, load, servers
from tests.bench.rig.load import Ask
from tests.bench.rig.options import PAYLOAD_BYTES
from tests.bench.rig.process import cost, folder, peak_bytes
from tests.bench.rig.room import Room

if TYPE_CHECKING:
    from tests.bench.rig.figures import Figures
    from tests.bench.rig.room import Sealed


def ours(room: Room, pid: int, sealed: Sealed) -> Figures:
    """Fetch a content from our server."""
    member = room.join()
    with member.wire.held():
        seen = fetch(room.port, pid, room.gets(member.token, sealed), sealed.payload_bytes)
    member.wire.close()
    return seen


def fetch(port: int, pid: int, gets: list[Ask], payload_bytes: int) -> Figures:
    """Fetch everything, 4 requests at once."""
    with cost(payload_bytes, pid) as taken:
        received = load.run(port, gets, 200)
    assert received == payload_bytes, received
    return figures.of_cost(taken) | {"peak_mb": peak_bytes(pid) / 1e6}


def lines_of(seen: dict[str, Figures]) -> list[Figures]:
    """Hold the figures against the targets."""
    mine, web_seen, tus_seen = seen["ours"], seen["nginx"], seen["tus"]
    speed = mine["mb_per_second"]
    return [
        figures.line(
            "download: throughput",
            "0.85 of nginx's",
            speed / web_seen["mb_per_second"],
            ">= 0.85",
        ),
        figures.line(
            "download: server CPU",
            "at most 3 times nginx's",
            mine["cpu_per_gb"] / web_seen["cpu_per_gb"],
            "<= 3",
        ),
        figures.line(
            "download: throughput",
            "2.5 of @tus/server's",
            speed / tus_seen["mb_per_second"],
            ">= 2.5",
        ),
    ]


def measure() -> dict[str, Any]:
    """Give medians, and the lines of the target."""
    with ExitStack() as stack:
        server = stack.enter_context(servers.product(stack.enter_context(folder())))
        web, web_files = stack.enter_context(servers.nginx())
        tusd, _ = stack.enter_context(servers.node("tus.mjs"))
        member = (room := Room(server.port, "bench")).create()
        sealed = room.seal(PAYLOAD_BYTES)
        size = sealed.payload_bytes
        member.ask(sealed.share)
        with member.wire.held():
            load.run(room.port, room.puts(member.token, sealed), 201)
        member.ask(sealed.complete)
        member.wire.close()
        for index, chunk in enumerate(sealed.chunks):
            (web_files / f"{index}.bin").write_bytes(chunk)
        theirs = [Ask("GET", f"/{index}.bin") for index in range(len(sealed.chunks))]
        paths = [upload.tus_upload(tusd, body) for body in upload.quarters(sealed)]
        of_tus = [Ask("GET", path, upload.TUS) for path in paths]
        seen = figures.interleaved(
            {
                "ours": lambda: ours(room, server.pid, sealed),
                "nginx": lambda: fetch(web.port, web.pid, theirs, size),
                "tus": lambda: fetch(tusd.port, tusd.pid, of_tus, size),
            }
        )
    return seen | {"lines": lines_of(seen)}
