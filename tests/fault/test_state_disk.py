"""A terminal whose own disk is full: to send needs none, only to go on later does."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from tests.fault.mounts import in_memory, mounted
from tests.files import MIB, make_file, sha256_of
from tests.programs import wait_until
from tests.proxy import Proxy
from tests.terminal import SECONDS, Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import StartServer
    from tests.programs import Server as Program

pytestmark = [pytest.mark.mounts, pytest.mark.xdist_group("mounts")]

PAGE_BYTES = 4096
COUNT = 48
"""Chunks of the file; what is noted of them takes more than a page."""


@pytest.fixture
def program(server: StartServer) -> Program:
    return server(creations_per_hour=10_000)


def fill(path: Path) -> None:
    with path.open("wb", buffering=0) as filler:
        while True:
            filler.write(bytes(PAGE_BYTES))


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A full disk for the state of programs; `filler` can be cut to make room."""
    with mounted(tmp_path / "home", *in_memory(4 * PAGE_BYTES)) as home:
        (home / "sharethings" / "unfinished").mkdir(parents=True)
        with pytest.raises(OSError, match="No space left"):
            fill(home / "filler")
        yield home


def told(talk: str) -> int:
    return talk.count("If this is cut off, it begins anew: ")


@pytest.mark.parametrize("free_pages", [0, 1], ids=["full", "full in the middle"])
def test_a_file_is_shared_with_a_full_disk(
    program: Program, home: Path, tmp_path: Path, free_pages: int
):
    filler = home / "filler"
    with filler.open("r+b") as opened:
        opened.truncate(filler.stat().st_size - free_pages * PAGE_BYTES)
    file = tmp_path / "film.mkv"
    digest = make_file(file, COUNT * MIB)
    tia = Terminal(program.url, more={"XDG_STATE_HOME": str(home)})
    code, _, talk = tia.run("share", file)
    assert (code, told(talk)) == (0, 1), talk
    assert "cannot be used ([Errno 28] No space left on device)." in talk
    assert list((home / "sharethings" / "unfinished").iterdir()) == []
    tia.do("get", "latest", "-o", tmp_path / "got")
    assert sha256_of(tmp_path / "got") == digest


def test_what_could_not_be_noted_is_not_said_to_be_kept(
    program: Program, home: Path, tmp_path: Path
):
    file = tmp_path / "film.mkv"
    make_file(file, COUNT * MIB)
    with Proxy(program.port) as proxy:
        proxy.bytes_per_second = 4 * MIB
        tia = Terminal(proxy.url, more={"XDG_STATE_HOME": str(home)})
        sharing = tia.start("share", file)
        chunks = "sessions/*/*/*.bin"
        wait_until(lambda: any(program.data_directory.glob(chunks)), "a chunk is there", SECONDS)
        sharing.send_signal(signal.SIGINT)
        talk = sharing.communicate(timeout=SECONDS)[1].decode()
    assert (sharing.returncode, told(talk)) == (130, 1), talk
    assert "What was sent is kept" not in talk
    assert Terminal(program.url).list() == []
