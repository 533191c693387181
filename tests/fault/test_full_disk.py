"""A disk that is filled and emptied again, with a real server."""

from __future__ import annotations

import os
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from sharethings.client.contents import Content
from sharethings.client.download import read_whole
from sharethings.client.server import Server as Place
from sharethings.client.session import Session
from sharethings.client.upload import share_file, share_text
from sharethings.protocol import replies, requests
from sharethings.protocol.errors import StorageFullError
from tests.fault.mounts import in_memory, mounted
from tests.programs import Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MIB = 1024 * 1024
DISK_BYTES = 64 * MIB
FILE_BYTES = 3 * MIB
ROUNDS = 20
SETTINGS: dict[str, object] = {
    "control_events_per_second": 1000,
    "control_events_burst": 1000,
    "free_content_bytes": 0,
    "free_content_ratio": 0,
    "free_write_bytes": 0,
    "free_write_ratio": 0,
}
pytestmark = [pytest.mark.mounts, pytest.mark.xdist_group("mounts")]


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
    """Share until the disk is full; gives what was told to be complete, with its digests."""
    shared = {}
    with pytest.raises(StorageFullError):  # noqa: PT012 - at which is not known
        for _ in range(DISK_BYTES // FILE_BYTES + 1):
            plain = os.urandom(FILE_BYTES)  # equal files would be stored once
            file.write_bytes(plain)
            shared[await share_file(session, file, lambda _: None)] = sha256(plain).digest()
            session.patience_seconds = 0.0  # the next refusal is what is looked for
    return shared


async def test_is_filled_and_emptied_again_and_again(
    disk: Path, tmp_path: Path, record_property: Callable[[str, object], None]
):
    server = Server(disk / "data", tmp_path / "log", SETTINGS)
    file = tmp_path / "file"
    counts = []
    with server:
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
    record_property("contents_in_each_round", f"{min(counts)} to {max(counts)}")
    assert min(counts) > 0
    with server:
        async with await join(server) as session:
            assert len(session.state.contents) == ROUNDS
