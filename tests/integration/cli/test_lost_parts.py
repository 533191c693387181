"""A server that has lost what it was sent is sent it again, if that can be read again."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sharethings.cli.exits import Exit
from tests.files import MIB, make_file, sha256_of
from tests.programs import wait_until
from tests.proxy import Proxy
from tests.terminal import SECONDS, Terminal

if TYPE_CHECKING:
    from pathlib import Path

    from tests.programs import Server as Program

COUNT = 6
BYTES_PER_SECOND = 2 * MIB


def chunks(program: Program) -> list[Path]:
    return list(program.data_directory.glob("sessions/*/*/*.bin"))


def test_lost_chunks_of_a_file_are_sent_again(program: Program, tmp_path: Path):
    file = tmp_path / "film.mkv"
    digest = make_file(file, COUNT * MIB)
    with Proxy(program.port) as proxy:
        proxy.bytes_per_second = BYTES_PER_SECOND
        sharing = Terminal(proxy.url).start("share", file)
        wait_until(lambda: len(chunks(program)) > 2, "some chunks", SECONDS)
        lost = chunks(program)[:2]
        for chunk in lost:
            chunk.unlink()
        printed, talk = sharing.communicate(timeout=SECONDS)
    assert sharing.returncode == 0, talk.decode()
    tia = Terminal(program.url)
    assert [(one["id"], one["state"]) for one in tia.list()] == [
        (printed.decode().strip(), "complete")
    ]
    tia.do("get", "latest", "-o", tmp_path / "got")
    assert sha256_of(tmp_path / "got") == digest
    assert len(chunks(program)) == COUNT


def test_a_stream_of_which_parts_are_lost_says_that_it_cannot_be_sent_again(
    program: Program, tmp_path: Path
):
    """What else was to be shared is, all the same."""
    file = tmp_path / "note.txt"
    file.write_text("after it")
    read, write = os.pipe()
    tia = Terminal(program.url)
    sharing = tia.start("share", "-", file, stdin=read)
    os.close(read)
    with os.fdopen(write, "wb", buffering=0) as stream:
        stream.write(b"a" * 30_000)
        wait_until(lambda: bool(chunks(program)), "the first chunk is there", SECONDS)
        chunks(program)[0].unlink()
    talk = sharing.communicate(timeout=SECONDS)[1].decode()
    assert sharing.returncode == Exit.DAMAGED, talk
    assert "what has passed by cannot be read again. Share it anew" in talk
    assert [one["name"] for one in tia.list()] == ["note.txt"]
