"""The server ends before the n-th call that changes its disk, and the client goes on by itself.

A real process, started anew each time it has ended, and the real client, who creates, joins,
uploads, completes and removes. Each n takes seconds here: CUTS_COUNT of them, spread evenly over
what one round takes undisturbed; tests/fault/test_crash_points.py has every one.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sharethings.client.contents import Content
from sharethings.client.download import read_whole
from sharethings.client.retry import until_it_passes
from sharethings.client.server import Server as Place
from sharethings.client.session import Session
from sharethings.client.upload import share_file, share_text
from sharethings.protocol import replies, requests
from tests.fault.shim import Shim
from tests.programs import Server

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.shim
CUTS_COUNT, LONG_CUTS_COUNT = 12, 48
ROUND_SECONDS = 60.0
FILE_BYTES = 2_500_000
"""Three chunks."""
SETTINGS = {"control_events_per_second": 1000, "control_events_burst": 1000}


async def enter(server: Server, name: str) -> Session:
    """Join, or create; as often as it takes."""
    entered: list[Session] = []

    async def act() -> None:
        place = Place.parse(server.url)
        entered.append(await Session.open(place, name, "Tia", "correct-horse", create=True))

    await until_it_passes(act)
    return entered[0]


async def play(server: Server, name: str, file: Path) -> dict[str, bytes]:
    """Share a file and two notes, remove one; gives what is there then, with digests."""
    async with await enter(server, name) as session:
        shared = await share_file(session, file, lambda _: None)
        note = await share_text(session, "stays")
        gone = await share_text(session, "goes")
        await session.request(requests.ContentRemove(content_id=gone), replies.Changed)
    return {shared: sha256(file.read_bytes()).digest(), note: sha256(b"stays").digest()}


async def check(server: Server, name: str, known: dict[str, bytes]) -> None:
    """Join as somebody new, and find that and nothing else."""
    async with await enter(server, name) as eye:
        await eye.load_all()
        assert eye.state.contents.keys() == known.keys()
        for content_id, digest in known.items():
            found = eye.state.contents[content_id]
            assert isinstance(found, Content)
            assert found.row.state == "complete"
            assert sha256(await read_whole(eye, found)).digest() == digest


async def start_again(server: Server, shim: Shim) -> None:
    """Wait until the process has ended, and start another."""
    ended = asyncio.Event()
    process = os.pidfd_open(server.pid)
    loop = asyncio.get_running_loop()
    loop.add_reader(process, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(process)
        os.close(process)
    assert server.process.wait() == -signal.SIGKILL
    shim.disarm()
    await asyncio.to_thread(server.restart)


def shimmed(shim: Shim, library: Path, data: Path, log_file: Path) -> Server:
    """Give a server whose calls on its data directory count."""
    variables = (f"{name}={text}" for name, text in shim.environment(library, data).items())
    program = str(Path(sys.executable).with_name("sharethings"))
    return Server(data, log_file, SETTINGS, ("env", *variables, program))


async def test_a_client_goes_on_by_itself(
    library: Path,
    tmp_path: Path,
    is_long: bool,
    record_property: Callable[[str, object], None],
):
    shim = Shim(tmp_path / "page")
    shim.plan()
    cuts = LONG_CUTS_COUNT if is_long else CUTS_COUNT
    file = tmp_path / "file"
    file.write_bytes(os.urandom(FILE_BYTES))
    with shimmed(shim, library, tmp_path / "data", tmp_path / "log") as server:
        shim.arm()
        await play(server, "undisturbed", file)
        calls = shim.count
        for cut in range(cuts):
            shim.plan(1 + cut * (calls - 1) // (cuts - 1))
            shim.arm()
            starting = asyncio.create_task(start_again(server, shim))
            known: dict[str, dict[str, bytes]] = {}
            async with asyncio.timeout(ROUND_SECONDS):
                while not starting.done():  # a round that took fewer calls is followed by another
                    known[f"{cut}, {len(known)}"] = await play(server, f"{cut}, {len(known)}", file)
                await starting
            for name, contents in known.items():
                await check(server, name, contents)
    record_property("calls", calls)
    record_property("kills", cuts)
