"""Upload: PUT of 4 MiB chunks, 4 at once, against nginx's PUT with SHA-256 beside it, and tus.

Ours hashes each chunk, commits its row and brings the content onto the disk when it is complete;
that is in its CPU, and `seconds_with_complete` is the time until then. The others do none of it.
tus gets four uploads at once, each in one request: more requests would only slow it.
"""

from __future__ import annotations

import hashlib
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from sharethings.protocol.requests import ContentRemove
from tests.bench.rig import figures, load, servers
from tests.bench.rig.load import Ask
from tests.bench.rig.options import PAYLOAD_BYTES
from tests.bench.rig.process import cost, folder, peak_bytes
from tests.bench.rig.room import Room

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bench.rig.figures import Figures
    from tests.bench.rig.process import Program
    from tests.bench.rig.room import Sealed
    from tests.programs import Server

TUS = {"Tus-Resumable": "1.0.0"}


def ours(server: Server, room: Room) -> Figures:
    """Send a content to our server, and complete it."""
    sealed = room.seal(PAYLOAD_BYTES)
    member = room.join()
    member.ask(sealed.share)
    with cost(sealed.payload_bytes, server.pid) as taken:
        began = time.perf_counter()
        with member.wire.held():
            load.run(room.port, room.puts(member.token, sealed), 201)
        put_seconds = time.perf_counter() - began
        member.ask(sealed.complete)
    whole = taken.seconds
    taken.seconds = put_seconds
    member.ask(ContentRemove(content_id=sealed.content_id))
    member.wire.close()
    return {
        **figures.of_cost(taken),
        "seconds_with_complete": whole,
        "peak_mb": peak_bytes(server.pid) / 1e6,
    }


def sha256(sealed: Sealed) -> Figures:
    """Hash the same chunks, and nothing else."""
    began = time.process_time()
    for chunk in sealed.chunks:
        hashlib.sha256(chunk).digest()
    seconds = time.process_time() - began
    return {"cpu_per_gb": seconds / sealed.payload_bytes * 1e9}


def nginx(program: Program, files: Path, sealed: Sealed) -> Figures:
    """PUT the same chunks to nginx."""
    puts = [Ask("PUT", f"/{index}.bin", body=chunk) for index, chunk in enumerate(sealed.chunks)]
    with cost(sealed.payload_bytes, program.pid) as taken:
        load.run(program.port, puts, 201)
    for path in files.iterdir():
        path.unlink()
    return figures.of_cost(taken) | {"peak_mb": peak_bytes(program.pid) / 1e6}


def tus_upload(program: Program, body: bytes) -> str:
    """Send bytes as one upload of tus; gives its path."""
    headers = {**TUS, "Upload-Length": str(len(body))}
    status, head, _ = load.ask_once(program.port, Ask("POST", "/files", headers))
    found = load.LOCATION.search(head)
    assert status == 201, head
    assert found is not None, head
    path = "/files/" + found[1].decode().rpartition("/")[2]
    headers = {**TUS, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    status, head, _ = load.ask_once(program.port, Ask("PATCH", path, headers, body))
    assert status == 204, head
    return path


def quarters(sealed: Sealed) -> list[bytes]:
    """Join the chunks into four bodies."""
    each = -(-len(sealed.chunks) // load.AT_ONCE)
    return [b"".join(sealed.chunks[i * each : (i + 1) * each]) for i in range(load.AT_ONCE)]


def tus(program: Program, files: Path, bodies: list[bytes]) -> Figures:
    """Send the same bytes to tus."""

    def send(body: bytes) -> int:
        tus_upload(program, body)
        return 0

    with cost(sum(map(len, bodies)), program.pid) as taken:
        load.side_by_side([lambda body=body: send(body) for body in bodies])  # type: ignore[misc]
    for path in files.iterdir():
        path.unlink()
    return figures.of_cost(taken) | {"peak_mb": peak_bytes(program.pid) / 1e6}


def measure() -> dict[str, Any]:
    """Give medians, and the lines of the target."""
    with ExitStack() as stack:
        server = stack.enter_context(servers.product(stack.enter_context(folder())))
        web, web_files = stack.enter_context(servers.nginx())
        tusd, tus_files = stack.enter_context(servers.node("tus.mjs"))
        room = Room(server.port, "bench")
        room.create().wire.close()
        sealed = room.seal(PAYLOAD_BYTES)
        bodies = quarters(sealed)
        seen = figures.interleaved(
            {
                "ours": lambda: ours(server, room),
                "sha256": lambda: sha256(sealed),
                "nginx": lambda: nginx(web, web_files, sealed),
                "tus": lambda: tus(tusd, tus_files, bodies),
            }
        )
    floor = seen["nginx"]["cpu_per_gb"] + seen["sha256"]["cpu_per_gb"]
    mine = seen["ours"]
    return seen | {
        "lines": [
            figures.line(
                "upload: server CPU",
                "at most 1.35 of nginx's PUT and SHA-256 alone",
                mine["cpu_per_gb"] / floor,
                "<= 1.35",
            ),
            figures.line(
                "upload: throughput",
                "1.0 of @tus/server's, which checks nothing",
                mine["mb_per_second"] / seen["tus"]["mb_per_second"],
                ">= 1.0",
            ),
        ]
    }
