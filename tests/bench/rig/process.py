"""Programs on a core of their own, and what they cost: CPU seconds and peak memory."""

from __future__ import annotations

import mmap
import os
import re
import select
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

import psutil

from tests.bench.rig.options import CLIENT_CORE, FOLDER, SERVER_CORE
from tests.programs import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

STOP_SECONDS = 20.0
MADV_POPULATE_WRITE = 23
"""madvise(2), Linux 5.14; Python has no name for it."""
SERVER_PIN = ("taskset", "-c", str(SERVER_CORE))
CLIENT_PIN = ("taskset", "-c", str(CLIENT_CORE))


def be_a_client() -> None:
    """Stay on the core of the clients, with all threads that are started from now on."""
    os.sched_setaffinity(0, {CLIENT_CORE})


def be_a_server() -> None:
    """Stay on the core of the servers: what is measured runs in this process itself."""
    os.sched_setaffinity(0, {SERVER_CORE})


@contextmanager
def looking_on() -> Iterator[None]:
    """Watch a client that runs already from the core of the servers, which is less busy.

    A look each 20 ms takes a tenth of a core: the client is measured with all of its own.
    """
    be_a_server()
    try:
        yield
    finally:
        be_a_client()


@contextmanager
def folder() -> Iterator[Path]:
    """Give a folder on the tree's own disk, as `TMPDIR` may be memory."""
    (FOLDER / "run").mkdir(parents=True, exist_ok=True)
    path = Path(tempfile.mkdtemp(dir=FOLDER / "run"))
    try:
        yield path
    finally:
        shutil.rmtree(path)


def family(pid: int) -> list[int]:
    """Give a process and what it has started."""
    return [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]


def cpu_seconds(*pids: int) -> float:
    """Give user and system time of processes, to the nanosecond (clock_getcpuclockid(3))."""
    return sum(time.clock_gettime((~one << 3) | 2) for pid in pids for one in family(pid))


def peak_bytes(*pids: int) -> int:
    """Give the sum of the most memory that each has held (VmHWM of proc(5))."""
    statuses = [Path(f"/proc/{one}/status").read_text() for pid in pids for one in family(pid)]
    return sum(int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) * 1024 for status in statuses)


def resident_bytes(*pids: int) -> int:
    """Give the memory that processes hold now."""
    return sum(psutil.Process(one).memory_info().rss for pid in pids for one in family(pid))


@dataclass(slots=True)
class Cost:
    """What some work took: seconds, CPU seconds of the server, and the payload it moved."""

    payload_bytes: int
    seconds: float = 0.0
    cpu_seconds: float = 0.0

    @property
    def mb_per_second(self) -> float:
        """Payload a second, in 10^6 bytes."""
        return self.payload_bytes / self.seconds / 1e6

    @property
    def cpu_per_gb(self) -> float:
        """CPU seconds for each 10^9 payload bytes."""
        return self.cpu_seconds / self.payload_bytes * 1e9


def touch_memory(size_bytes: int) -> None:
    """Make sure that this much of the free memory is really there.

    A virtual machine gets memory from its host at the first touch, and gives back what is free
    for some seconds: up to 2 s of CPU for each 10^9 bytes of files, paid by the rival who comes
    first.
    """
    with mmap.mmap(-1, size_bytes) as memory, suppress(OSError):  # an older kernel: as it comes
        memory.madvise(MADV_POPULATE_WRITE)


@contextmanager
def cost(payload_bytes: int, *pids: int) -> Iterator[Cost]:
    """Take the cost of what is done inside to the servers `pids`."""
    touch_memory(2 * payload_bytes)
    taken = Cost(payload_bytes)
    cpu, began = cpu_seconds(*pids), time.perf_counter()
    yield taken
    taken.seconds = time.perf_counter() - began
    taken.cpu_seconds = cpu_seconds(*pids) - cpu


def free_port() -> int:
    """Give a port that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


class Program:
    """A peer on the core of the servers; started and ended by `with`."""

    def __init__(self, command: list[str], port: int, cwd: Path) -> None:
        """Take the command of what will listen on `port` of 127.0.0.1."""
        self._command = [*SERVER_PIN, *command]
        self._cwd = cwd
        self.port = port
        self.pid = 0

    def __enter__(self) -> Self:
        """Start it and wait until it listens."""
        self._log = (self._cwd / f"{self.port}.log").open("w+b")
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log,
            cwd=self._cwd,
        )  # fmt: skip
        self.pid = self._process.pid
        wait_until(self._listens, f"{self._command[3]} listens")
        return self

    def _listens(self) -> bool:
        assert self._process.poll() is None, Path(self._log.name).read_text()
        with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", self.port)):
            return True
        return False

    def __exit__(self, *_error: object) -> None:
        """End it."""
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()


def pause(seconds: float) -> None:
    """Let time pass."""
    select.select([], [], [], seconds)
