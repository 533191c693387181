"""A file from one command line to another, crypto and digests included, against magic-wormhole.

Both ways the bytes go through a server on the servers' core: ours, or wormhole's mailbox and
transit relay, and both are received while they are sent. Ours is stored in between. The time is
that of both commands, with their starts and the derivation of the key. `seconds_to_server` and
`seconds_from_server` are those of one after the other, for who fetches it later.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.bench.rig import figures, servers
from tests.bench.rig.options import FOLDER, PAYLOAD_BYTES
from tests.bench.rig.process import Program, folder, free_port
from tests.files import make_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bench.rig.figures import Figures

BIN = FOLDER / "wormhole" / "bin"
OURS = str(Path(sys.executable).with_name("sharethings"))
TIMEOUT_SECONDS = 300
NOT_THERE = 4
"""What `get` ends with while the session, or the content, is not there."""


@contextmanager
def relays(place: Path) -> Iterator[list[str]]:
    """Run wormhole's two servers; gives the options of its command."""
    mailbox, transit = free_port(), free_port()
    twist = str(BIN / "twist")
    listen = "--port=tcp:{}:interface=127.0.0.1"
    with (
        Program([twist, "wormhole-mailbox", listen.format(mailbox)], mailbox, place),
        Program([twist, "transitrelay", listen.format(transit)], transit, place),
    ):
        yield [
            f"--relay-url=ws://127.0.0.1:{mailbox}/v1",
            f"--transit-helper=tcp:127.0.0.1:{transit}",
        ]


def begin(command: list[str], **environment: str) -> subprocess.Popen[bytes]:
    """Start a command."""
    return subprocess.Popen(
        ["timeout", str(TIMEOUT_SECONDS), *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, **environment},
    )


@dataclass(frozen=True, slots=True)
class Used:
    """What a command took: the most memory, in bytes, and user and system time, in seconds."""

    peak_bytes: int
    cpu_seconds: float


def end(process: subprocess.Popen[bytes], allowed: tuple[int, ...] = (0,)) -> Used:
    """Wait for a command; gives what it took."""
    assert process.stderr is not None
    said = process.stderr.read()
    process.stderr.close()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode in allowed, said.decode()
    return Used(usage.ru_maxrss * 1024, usage.ru_utime + usage.ru_stime)


def run(*commands: list[str], **environment: str) -> list[Used]:
    """Run commands at the same time, and wait for all; gives what each took."""
    return [end(process) for process in [begin(one, **environment) for one in commands]]


def figure(size: int, began: float, used: list[Used]) -> Figures:
    """Give the figures of a transfer that has ended now, and of its commands."""
    seconds = time.perf_counter() - began
    return {
        "mb_per_second": size / seconds / 1e6,
        "seconds": seconds,
        "client_peak_mb": max(one.peak_bytes for one in used) / 1e6,
        "client_cpu_per_gb": sum(one.cpu_seconds for one in used) / size * 1e9,
    }


def new_session(url: str) -> dict[str, str]:
    """Give the environment of commands in a session of their own."""
    return {
        "SHARETHINGS_SERVER": url,
        "SHARETHINGS_SESSION": secrets.token_hex(8),
        "SHARETHINGS_PASSPHRASE": "correct-horse-battery-staple",
    }


def one_after_the_other(url: str, file: Path, target: Path) -> Figures:
    """Share a file, and get it when it is there."""
    access = new_session(url)
    began = time.perf_counter()
    run([OURS, "share", str(file)], **access)
    middle = time.perf_counter()
    run([OURS, "get", "latest", "-o", str(target)], **access)
    ended = time.perf_counter()
    forget(access, target)
    return {"seconds_to_server": middle - began, "seconds_from_server": ended - middle}


def ours(url: str, file: Path, target: Path) -> Figures:
    """Share a file, and get it as soon as the session has it."""
    access = new_session(url)
    began = time.perf_counter()
    sharing = begin([OURS, "share", str(file)], **access)
    used = []
    while not target.exists():
        assert time.perf_counter() < began + TIMEOUT_SECONDS
        getting = begin([OURS, "get", "latest", "-o", str(target)], **access)
        used.append(end(getting, (0, NOT_THERE)))
    used.append(end(sharing))
    taken = figure(file.stat().st_size, began, used)
    forget(access, target)
    return taken


def forget(access: dict[str, str], target: Path) -> None:
    """Remove what was shared and got."""
    target.unlink()
    run([OURS, "remove", "latest", "--yes"], **access)


def wormhole(options: list[str], file: Path, target: Path) -> Figures:
    """Send a file and receive it, through the relay."""
    code = f"{secrets.randbelow(10**6)}-one-two"
    command = [str(BIN / "wormhole"), *options]
    quiet = ["--hide-progress", "--no-listen"]
    began = time.perf_counter()
    used = run(
        [*command, "send", *quiet, "--code", code, str(file)],
        [*command, "receive", *quiet, "--accept-file", "-o", str(target), code],
    )
    taken = figure(file.stat().st_size, began, used)
    target.unlink()
    return taken


def measure() -> dict[str, Any]:
    """Give medians, and the line of the target."""
    with ExitStack() as stack:
        place = stack.enter_context(folder())
        server = stack.enter_context(servers.product(place))
        options = stack.enter_context(relays(place))
        file, target = place / "file.bin", place / "got.bin"
        make_file(file, PAYLOAD_BYTES)
        seen = figures.interleaved(
            {
                "ours": lambda: ours(server.url, file, target),
                "ours, fetched later": lambda: one_after_the_other(server.url, file, target),
                "wormhole": lambda: wormhole(options, file, target),
            }
        )
    ratio = seen["ours"]["mb_per_second"] / seen["wormhole"]["mb_per_second"]
    what = "command line to command line: throughput"
    peak = seen["ours"]["client_peak_mb"]
    return seen | {
        "lines": [
            figures.line(what, "3.5 of magic-wormhole's through its relay", ratio, ">= 3.5"),
            figures.line("memory of the command line: MB", "at most 150 MB", peak, "<= 150"),
        ]
    }
