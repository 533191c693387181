"""A disk that becomes read-only under a running server: an ext4 that gives up, as after a fault."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sharethings.client.upload import share_file, share_text
from sharethings.protocol.errors import BusyError, ProtocolError, ReadOnlyError
from tests.fault.mounts import call, make_image, mounted
from tests.fault.test_full_disk import SETTINGS, digest_of, join
from tests.programs import Server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sharethings.client.session import Session

pytestmark = [pytest.mark.mounts, pytest.mark.xdist_group("mounts")]
MIB = 1024 * 1024
OPTIONS = ("-o", "loop,errors=remount-ro")
FAULTS_COUNT = 3
UNUSABLE = 8


@pytest.fixture
def image(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "image"
    make_image(path, 128 * MIB)
    yield path
    path.unlink()


async def refusals(session: Session) -> list[ProtocolError]:
    """Share until the server says that it takes nothing new any more."""
    told: list[ProtocolError] = []
    while not told or not isinstance(told[-1], ReadOnlyError):
        assert len(told) <= FAULTS_COUNT
        with pytest.raises((BusyError, ReadOnlyError)) as refused:
            await share_text(session, "is not taken")
        told.append(refused.value)
    return told


def check_start_is_refused(data_directory: Path) -> None:
    command = Path(sys.executable).with_name("sharethings")
    refused = subprocess.run(
        [command, "serve", "--port=0", "--data-dir", data_directory],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert (refused.returncode, "writable disk" in refused.stderr) == (UNUSABLE, True), refused


async def test_is_read_only_until_it_is_mended(image: Path, tmp_path: Path):
    file = tmp_path / "file"
    file.write_bytes(os.urandom(3 * MIB))
    digest = sha256(file.read_bytes()).digest()
    data = tmp_path / "disk" / "data"
    server = Server(data, tmp_path / "log", SETTINGS)
    with mounted(tmp_path / "disk", *OPTIONS, image) as disk:
        with server:
            async with await join(server) as session:
                shared = await share_file(session, file, lambda _: None)
                call("mount", "-o", "remount,abort", disk)
                *_, told = await refusals(session)
                assert str(told) == ReadOnlyError.__doc__
                assert await digest_of(session, shared) == digest
        await asyncio.to_thread(check_start_is_refused, data)
    with mounted(tmp_path / "disk", *OPTIONS, image) as disk, server:
        call("mount", "-o", "remount,abort", disk)
        readers = [await join(server) for _ in range(4)]  # nobody has found out before them
        digests = await asyncio.gather(*(digest_of(one, shared) for one in readers))
        assert set(digests) == {digest}
        for reader in readers:
            await reader.close()
    with mounted(tmp_path / "disk", *OPTIONS, image), server:
        async with await join(server) as session:
            assert await digest_of(session, shared) == digest
            assert await share_text(session, "is taken again")
