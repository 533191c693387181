"""Disks that are full or read-only, and too few descriptors, with a real server."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sharethings.client.contents import Content
from sharethings.client.download import read_whole
from sharethings.client.server import Server as Place
from sharethings.client.session import Session
from sharethings.client.upload import share_file, share_text
from sharethings.protocol import replies, requests
from sharethings.protocol.errors import QuotaError, StorageFullError
from tests.fault.mounts import call, in_memory, mounted
from tests.programs import Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MIB = 1024 * 1024
DISK_BYTES = 64 * MIB
FILE_BYTES = 3 * MIB
ROUNDS = 20
UNUSABLE = 8
SETTINGS: dict[str, object] = {
    "control_events_per_second": 1000,
    "control_events_burst": 1000,
    "free_content_bytes": 0,
    "free_content_ratio": 0,
    "free_write_bytes": 0,
    "free_write_ratio": 0,
}
mounts = pytest.mark.mounts
pytestmark = pytest.mark.xdist_group("mounts")


async def join(server: Server) -> Session:
    place = Place.parse(server.url)
    session = await Session.open(place, "Attic", "Tia", "correct-horse-battery", create=True)
    session.patience_seconds = 0.0  # a refusal is what is looked for
    return session


async def digest_of(session: Session, content_id: str) -> bytes:
    found = session.state.contents[content_id]
    assert isinstance(found, Content)
    return sha256(await read_whole(session, found)).digest()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with mounted(tmp_path / "disk", *in_memory(DISK_BYTES)) as place:
        yield place


async def until_full(session: Session, file: Path) -> dict[str, bytes]:
    """Share until the disk is full; gives what was told to be complete, with its digests.

    The end is told before the first byte by the numbers (QuotaError), or by the disk itself
    when the database has grown meanwhile: which of them depends on the bytes that are left.
    """
    shared = {}
    with pytest.raises((QuotaError, StorageFullError)):  # noqa: PT012 - at which is not known
        for _ in range(DISK_BYTES // FILE_BYTES + 1):
            plain = os.urandom(FILE_BYTES)  # equal files would be stored once
            file.write_bytes(plain)
            shared[await share_file(session, file, lambda _: None)] = sha256(plain).digest()
    return shared


@mounts
async def test_is_filled_and_emptied_again_and_again(
    disk: Path, tmp_path: Path, record_property: Callable[[str, object], None]
):
    server = Server(disk / "data", tmp_path / "log", SETTINGS)
    server.start()
    file = tmp_path / "file"
    counts = []
    async with await join(server) as session:
        for number in range(ROUNDS):
            shared = await until_full(session, file)
            counts.append(len(shared))
            session.patience_seconds = 30.0
            for content_id, digest in shared.items():
                assert await digest_of(session, content_id) == digest
            for content_id in shared:
                await session.request(
                    requests.ContentRemove(content_id=content_id), replies.Changed
                )
            assert await share_text(session, f"round {number}")
            session.patience_seconds = 0.0
    server.stop()
    record_property("contents_in_each_round", f"{min(counts)} to {max(counts)}")
    assert min(counts) > 0
    server.start()
    async with await join(server) as session:
        assert len(session.state.contents) == ROUNDS
    server.stop()


def start_refused(data_directory: Path) -> subprocess.CompletedProcess[str]:
    command = Path(sys.executable).with_name("sharethings")
    return subprocess.run(
        [command, "serve", "--port=0", "--data-dir", data_directory],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


@mounts
async def test_is_made_read_only_while_it_is_used(disk: Path, tmp_path: Path):
    server = Server(disk / "data", tmp_path / "log", SETTINGS)
    server.start()
    file = tmp_path / "file"
    file.write_bytes(os.urandom(FILE_BYTES))
    digest = sha256(file.read_bytes()).digest()
    async with await join(server) as session:
        shared = await share_file(session, file, lambda _: None)
        server.kill()
        server.start()
        session.patience_seconds = 30.0
        await session.joined()
        assert await digest_of(session, shared) == digest
    server.kill()
    call("mount", "-o", "remount,ro", disk)
    refused = await asyncio.to_thread(start_refused, disk / "data")
    call("mount", "-o", "remount,rw", disk)
    assert (refused.returncode, "writable disk" in refused.stderr) == (UNUSABLE, True)
    server.start()
    async with await join(server) as session:
        assert await digest_of(session, shared) == digest
    server.stop()
