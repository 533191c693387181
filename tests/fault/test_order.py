"""The order of system calls of one upload, seen by strace (durability.md, "Chunk write")."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

import pytest

from sharethings.client.server import Server as Place
from sharethings.client.session import Session
from sharethings.client.upload import share_file
from tests.programs import Server, wait_until

STRACE = shutil.which("strace")
CALLS = "openat,write,pwrite64,fsync,fdatasync,rename,sendto,sendmsg"
ORDER = (
    r"openat\(.*/tmp/[0-9a-f]{32}\", .*O_EXCL",
    r"write\(\d+<.*/tmp/[0-9a-f]{32}>",
    r"rename\(.*/tmp/[0-9a-f]{32}\", \".*/0\.bin\"",
    r"pwrite64\(\d+<.*\.db-wal>",
    r"fdatasync\(\d+<.*\.db-wal>",
    r"(sendto|sendmsg|write)\(.*HTTP/1\.1 201",
    r"fdatasync\(\d+<.*/0\.bin>",
    r"fsync\(\d+<.*/sessions>",
    r"pwrite64\(\d+<.*\.db-wal>",
    r"fdatasync\(\d+<.*\.db-wal>",
)
CHANGED = '[{\\"result\\":{\\"revision\\"'
"""How the answers to `content:share` and then `content:complete` begin, and no others here."""


@pytest.mark.skipif(STRACE is None, reason="strace is not installed: run make system")
async def test_an_answer_comes_after_what_it_promises(tmp_path: Path):
    trace = tmp_path / "trace"
    program = str(Path(sys.executable).with_name("sharethings"))
    tracing = ("-D", "-f", "-y", "-s", "100", "-o", str(trace), "-e", f"trace={CALLS}")
    file = tmp_path / "file"
    file.write_bytes(os.urandom(200_000))
    command = (str(STRACE), *tracing, program)
    with Server(tmp_path / "data", tmp_path / "log", {}, command) as server:
        place = Place.parse(server.url)
        async with await Session.open(place, "Desk", "Tia", "correct-horse", create=True) as tia:
            await share_file(tia, file, lambda _: None)
            told = trace.read_text()
    wait_until(lambda: "+++ exited" in trace.read_text(), "strace has ended")
    at = 0
    for pattern in ORDER:
        found = re.compile(pattern).search(told, at)
        assert found is not None, f"{pattern} does not come next"
        at = found.end()
    assert told.count(CHANGED) == 2
    assert told.rindex(CHANGED) > at
