"""`get --follow`: a stream on one terminal comes out on another while it is written."""

from __future__ import annotations

import select
import subprocess
from typing import TYPE_CHECKING

import pytest

from sharethings.cli.exits import Exit
from sharethings.protocol.limits import CHUNK_OVERHEAD_BYTES, CHUNK_SIZE_MIN_BYTES
from tests.files import MIB
from tests.programs import wait_until
from tests.terminal import SECONDS, Terminal

if TYPE_CHECKING:
    from tests.programs import Server


def printed(getting: subprocess.Popen[bytes], size: int) -> bytes:
    """Read so many bytes of what is printed, or fewer when nothing comes."""
    given = b""
    assert getting.stdout is not None
    while len(given) < size and select.select([getting.stdout], [], [], SECONDS)[0]:
        piece = getting.stdout.read1(size - len(given))  # type: ignore[attr-defined]
        if not piece:
            break
        given += piece
    return given


def test_what_is_piped_in_comes_out_while_it_is_written(tia: Terminal):
    tia.do("share", "--text", "before")
    sharing = tia.start("share", "-", "--name", "log", stdin=subprocess.PIPE)
    assert sharing.stdin is not None
    first, second = b"one\n" * 10_000, b"two\n" * 10_000
    sharing.stdin.write(first)
    sharing.stdin.flush()
    wait_until(lambda: len(tia.list()) > 1, "the stream is listed")
    getting = Terminal(tia.server, name="Ada").start("get", "latest", "--follow")
    chunk = first[:CHUNK_SIZE_MIN_BYTES]
    assert printed(getting, len(chunk)) == chunk, "while more is to come"
    assert getting.poll() is None
    sharing.stdin.write(second)
    sharing.stdin.close()
    rest, told = getting.communicate(timeout=SECONDS)
    assert chunk + rest == first + second
    talk = told.decode()
    assert (getting.returncode, sharing.wait(SECONDS)) == (0, 0)
    assert "log is still being sent: it is taken as it comes." in talk
    sharing.stdin = None
    sharing.communicate()


def test_what_does_not_hold_in_the_end_is_said_by_the_exit_code(tia: Terminal, program: Server):
    tia.do("share", "-", "--name", "log", given=bytes(3 * MIB))
    last = max(program.data_directory.glob("sessions/*/*/*.bin"), key=lambda file: int(file.stem))
    proved = 3 * MIB - last.stat().st_size + CHUNK_OVERHEAD_BYTES
    last.write_bytes(last.read_bytes()[:-1] + b"?")
    code, output, talk = tia.run("get", "latest", "--follow")
    assert (code, output) == (Exit.DAMAGED, bytes(proved))
    assert proved > 0
    assert "damaged" in talk


@pytest.mark.parametrize("arguments", [("all",), ("latest", "-o", "log")])
def test_it_prints_one_content(tia: Terminal, arguments: tuple[str, ...]):
    tia.do("share", "--text", "hello")
    code, output, talk = tia.run("get", *arguments, "--follow")
    assert (code, output) == (Exit.USAGE, b"")
    assert "prints one content" in talk
