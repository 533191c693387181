"""Ctrl-Z and `fg`: what was stopped until its server had cut it off goes on by itself."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from sharethings.client.parts import ENTRY, HEADER_BYTES
from tests.files import MIB, make_file, sha256_of
from tests.programs import wait_until
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
