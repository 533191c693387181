"""A power cut: the disk as it is at one moment, without what was only in memory.

The data directory is on an ext4 in a file. Copied while the server works, that file is what a
power cut would have left: a journal to be replayed, and pages that were never written are not
in it. `fast` is the control: without any sync something complete must be lost, or these cuts
would prove nothing.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import signal
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from sharethings.client.contents import Content
from sharethings.client.download import read_whole
from sharethings.client.errors import ClientError
from sharethings.client.server import Server as Place
from sharethings.client.session import Session
from sharethings.client.upload import share_file
from sharethings.protocol.errors import ProtocolError
from tests.fault.mounts import make_image, mounted
from tests.programs import Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = [pytest.mark.mounts, pytest.mark.xdist_group("mounts")]
MIB = 1024 * 1024
IMAGE_BYTES = 512 * MIB
FILES_COUNT = 3
"""Completed between two cuts; the file system writes back by itself only every 5 s."""
MOMENT_SECONDS = 0.1
SETTINGS = {
    "control_events_per_second": 1000,
    "control_events_burst": 1000,
    "free_content_bytes": 0,
    "free_content_ratio": 0,
    "free_write_bytes": 0,
    "free_write_ratio": 0,
}


def copy_image(image: Path, copy: Path) -> None:
    """Copy what has reached the disk: holes stay holes."""
    with image.open("rb") as source, copy.open("wb") as target:
        target.truncate(IMAGE_BYTES)
        at = 0
        while True:
            try:
                at = os.lseek(source.fileno(), at, os.SEEK_DATA)
            except OSError:  # nothing but a hole is left
                return
            end = os.lseek(source.fileno(), at, os.SEEK_HOLE)
            while at < end:
                at += os.copy_file_range(source.fileno(), target.fileno(), end - at, at, at)


async def join(server: Server) -> Session:
    place = Place.parse(server.url)
    return await Session.open(place, "Cellar", "Tia", "correct-horse-battery", create=True)


async def is_torn(eye: Session, found: Content, digest: bytes) -> bool:
    """Say whether a content is not complete or not what was sent."""
    try:
        whole = await read_whole(eye, found) if found.row.state == "complete" else b""
    except (ClientError, ProtocolError):
        return True
    return sha256(whole).digest() != digest


async def lost_of(server: Server, known: dict[str, bytes]) -> list[str]:
    """Give what was announced complete and is not there, not complete, or torn."""
    lost = []
    async with await join(server) as eye:
        await eye.load_all()
        for content_id, digest in known.items():
            found = eye.state.contents.get(content_id)
            if not isinstance(found, Content) or await is_torn(eye, found, digest):
                lost.append(content_id)
    return lost


async def start_on(copy: Path, folder: Path, before: dict[str, bytes]) -> int:
    """Start a server on what a cut has left; gives how many contents are lost."""
    with mounted(folder / "cut", "-o", "loop", copy) as place:
        (place / "data" / "boot").unlink(missing_ok=True)  # it would name a boot before
        server = Server(place / "data", folder / "cut.log", SETTINGS)
        try:
            await asyncio.to_thread(server.start)
        except AssertionError:
            return len(before)  # it would not even start
        with server:
            lost = await lost_of(server, before)
    return len(lost)


async def upload(
    session: Session, files: list[Path], known: dict[str, bytes], going: asyncio.Event
) -> None:
    for file in itertools.cycle(files):
        await going.wait()
        content_id = await share_file(session, file, lambda _: None)
        known[content_id] = sha256(file.read_bytes()).digest()


async def until_more(known: dict[str, bytes], working: asyncio.Task[None]) -> None:
    """Wait until more contents are complete, and then for any moment of the next upload."""
    wanted = len(known) + FILES_COUNT
    while len(known) < wanted:
        assert not working.done(), working
        await asyncio.sleep(0.005)
    await asyncio.sleep(random.uniform(0, MOMENT_SECONDS))  # noqa: S311 - no secret


async def cuts(folder: Path, image: Path, durability: str, rounds: int) -> tuple[int, int]:
    """Cut so many times; gives how many contents were complete and how many were lost."""
    files = [folder / f"{number}.bin" for number in range(3)]
    for number, file in enumerate(files):
        file.write_bytes(random.randbytes((number + 1) * 200_000))  # noqa: S311 - no secret
    known: dict[str, bytes] = {}
    lost = 0
    with mounted(folder / "live", "-o", "loop", image) as place:
        settings = {**SETTINGS, "durability": durability}
        with Server(place / "data", folder / "live.log", settings) as live:
            async with await join(live) as session:
                going = asyncio.Event()
                working = asyncio.create_task(upload(session, files, known, going))
                for _ in range(rounds):
                    going.set()
                    await until_more(known, working)
                    before = dict(known)
                    live.process.send_signal(signal.SIGSTOP)
                    await asyncio.to_thread(copy_image, image, folder / "cut.img")
                    live.process.send_signal(signal.SIGCONT)
                    going.clear()
                    lost += await start_on(folder / "cut.img", folder, before)
                working.cancel()
                await asyncio.gather(working, return_exceptions=True)
    return len(known), lost


@pytest.fixture
def image(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "live.img"
    make_image(path, IMAGE_BYTES)
    yield path
    path.unlink()


async def test_nothing_complete_is_lost(
    tmp_path: Path, image: Path, is_long: bool, record_property: Callable[[str, object], None]
):
    rounds = 200 if is_long else 20
    complete, lost = await cuts(tmp_path, image, "content", rounds)
    record_property("cuts", rounds)
    record_property("complete", complete)
    assert lost == 0


async def test_without_a_sync_something_is_lost(
    tmp_path: Path, image: Path, record_property: Callable[[str, object], None]
):
    complete, lost = await cuts(tmp_path, image, "fast", 3)
    record_property("complete", complete)
    record_property("lost", lost)
    assert lost > 0
