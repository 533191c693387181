"""Ctrl-Z and `fg`: what was stopped until its server had cut it off goes on by itself."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from sharethings.cli.exits import Exit
from sharethings.client.parts import ENTRY, HEADER_BYTES
from tests.files import MIB, make_file, sha256_of
from tests.programs import wait_until
from tests.proxy import Proxy
from tests.terminal import SECONDS, Terminal

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import StartServer
    from tests.programs import Server as Program

SIZE = 256 * MIB
HASTY: dict[str, Any] = {
    "connection_idle_seconds": 1,
    "keepalive_seconds": 1,
    "send_stall_seconds": 1,
}
"""A server that cuts off in a second who says, asks or reads nothing."""


@pytest.fixture
def program(server: StartServer) -> Program:
    return server(**HASTY)


@contextmanager
def cut_off(program: Program, process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Stop a client as Ctrl-Z does, until its server has let go of all its connections."""
    looked_at = psutil.Process(program.pid)

    def is_cut_off() -> bool:
        states = {one.status for one in looked_at.net_connections("tcp")}
        return states <= {psutil.CONN_LISTEN}

    process.send_signal(signal.SIGSTOP)
    try:
        wait_until(is_cut_off, "the server cuts it off", SECONDS)
        yield
    finally:
        process.send_signal(signal.SIGCONT)


def test_get_goes_on_after_it_was_stopped(program: Program, tmp_path: Path):
    file, target = tmp_path / "film.mkv", tmp_path / "got.mkv"
    record = tmp_path / "got.mkv.part-record"
    digest = make_file(file, SIZE)
    tia = Terminal(program.url)
    tia.do("share", file)
    getting = tia.start("get", "latest", "-o", target)

    def is_begun() -> bool:
        return record.exists() and record.stat().st_size >= HEADER_BYTES + 8 * ENTRY.size

    wait_until(is_begun, "some chunks are there", SECONDS)
    with cut_off(program, getting):
        assert not target.exists()
    talk = getting.communicate(timeout=SECONDS)[1].decode()
    assert getting.returncode == 0, talk
    assert sha256_of(target) == digest


def test_a_stream_goes_on_after_it_was_stopped(program: Program, tmp_path: Path):
    read, write = os.pipe()
    tia = Terminal(program.url)
    sharing = tia.start("share", "-", stdin=read)
    os.close(read)

    def is_begun() -> bool:
        return len(list(program.data_directory.glob("sessions/*/*/*.bin"))) > 0

    with os.fdopen(write, "wb", buffering=0) as stream:
        stream.write(b"a" * 30_000)
        wait_until(is_begun, "the first chunk is there", SECONDS)
        with cut_off(program, sharing):
            stream.write(b"b" * 30_000)
    talk = sharing.communicate(timeout=SECONDS)[1].decode()
    assert sharing.returncode == 0, talk
    assert tia.do("get", "latest", "-o", "-") == b"a" * 30_000 + b"b" * 30_000


@pytest.mark.parametrize("settings", [{}, HASTY], ids=["connected", "cut off"])
def test_a_file_that_was_given_up_meanwhile_is_sent_as_new(
    server: StartServer, tmp_path: Path, settings: dict[str, Any]
):
    program = server(unfinished_seconds=2, sweep_seconds=1, **settings)
    file = tmp_path / "film.mkv"
    digest = make_file(file, 32 * MIB)
    with Proxy(program.port) as proxy:
        proxy.bytes_per_second = 8 * MIB
        sharing = Terminal(proxy.url).start("share", file)
        given_up(program, sharing)
        proxy.bytes_per_second = None
        printed, talk = sharing.communicate(timeout=SECONDS)
    assert sharing.returncode == 0, talk.decode()
    assert "film.mkv is sent as new: what was sent of it is gone." in talk.decode()
    tia = Terminal(program.url)
    assert [one["id"] for one in tia.list()] == [printed.decode().strip()]
    tia.do("get", "latest", "-o", tmp_path / "got")
    assert sha256_of(tmp_path / "got") == digest


def test_a_stream_that_was_given_up_meanwhile_says_so(server: StartServer):
    program = server(unfinished_seconds=2, sweep_seconds=1)
    read, write = os.pipe()
    sharing = Terminal(program.url).start("share", "-", stdin=read)
    os.close(read)
    with os.fdopen(write, "wb", buffering=0) as stream:
        stream.write(b"a" * 30_000)
        given_up(program, sharing)
        stream.write(b"b" * 30_000)
    talk = sharing.communicate(timeout=SECONDS)[1].decode()
    assert sharing.returncode == Exit.NOT_FOUND, talk
    assert talk.endswith("for too long and gave it up. Share it from its beginning.\n")


def given_up(program: Program, process: subprocess.Popen[bytes]) -> None:
    """Stop a sender in the middle, as Ctrl-Z does, until its server has given up the upload."""

    def is_begun() -> bool:
        return any(program.data_directory.glob("sessions/*/*/*.bin"))

    wait_until(is_begun, "a chunk is there", SECONDS)
    process.send_signal(signal.SIGSTOP)
    try:
        wait_until(lambda: not is_begun(), "the upload is given up", SECONDS)
    finally:
        process.send_signal(signal.SIGCONT)
