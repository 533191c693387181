"""The servers that are measured: ours as it is started for users, and its peers."""

from __future__ import annotations

import shutil
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.rig.options import FOLDER
from tests.bench.rig.process import SERVER_PIN, Program, folder, free_port
from tests.programs import Server

if TYPE_CHECKING:
    from collections.abc import Iterator

PEERS = Path(__file__).parents[1] / "peers"
NODE = FOLDER / "node"
WITHOUT_BOUNDS = {
    "session_bytes": 2**50,
    "address_bytes_per_day": 2**50,
    "creations_per_hour": 10**6,
    "contents_count": 10**6,
    "connections_count": 10**6,
    "connections_per_address": 10**6,
    "members_per_session": 10**4,
    "bulk_requests_per_second": 10**6,
    "control_events_per_second": 10**6,
    "control_events_burst": 10**6,
}
"""One client plays all of them here, so what bounds a single one is out of the way."""
AS_USERS_HAVE_IT = {"ballast_bytes": 16 * 2**20, "scrub_bytes_per_second": 4 * 2**20}
"""What tests/programs.py turns down for tests."""


@contextmanager
def product(place: Path, **settings: object) -> Iterator[Server]:
    """Run our server on its core, with the data directory `place`/data."""
    command = (*SERVER_PIN, str(Path(sys.executable).with_name("sharethings")))
    given = {**WITHOUT_BOUNDS, **AS_USERS_HAVE_IT, **settings}
    server = Server(place / "data", place / "server.log", given, command)
    server.start()
    try:
        yield server
    finally:
        server.kill()  # its data goes with it; to stop well takes as long as members are many


def nginx_program() -> str:
    """Give the path of nginx: the system's, or that in .bench/."""
    found = shutil.which("nginx", path="/usr/sbin:/usr/bin")
    return found or str(FOLDER / "nginx" / "usr" / "sbin" / "nginx")


@contextmanager
def nginx() -> Iterator[tuple[Program, Path]]:
    """Run nginx; gives it and the folder that it serves."""
    with folder() as place:
        (place / "tmp").mkdir()
        (place / "files").mkdir()
        place.chmod(0o755)
        port = free_port()
        text = (PEERS / "nginx.conf").read_text()
        configuration = place / "nginx.conf"
        configuration.write_text(text.replace("PORT", str(port)).replace("FOLDER", str(place)))
        command = [nginx_program(), "-e", "stderr", "-p", str(place), "-c", str(configuration)]
        with Program(command, port, place) as program:
            yield program, place / "files"


@contextmanager
def node(script: str) -> Iterator[tuple[Program, Path]]:
    """Run a peer of Node's (tests/bench/peers); gives it and the folder that it writes into."""
    with folder() as place:
        files = place / "files"
        files.mkdir()
        port = free_port()
        with Program(["node", str(NODE / script), str(port), str(files)], port, place) as program:
            yield program, files
