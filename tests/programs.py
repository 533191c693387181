"""The real programs of the tests: our server and HAProxy, started, killed and watched."""

from __future__ import annotations

import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

import psutil

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ROOT = Path(__file__).parent.parent
START_SECONDS = 30.0
STOP_SECONDS = 30.0
READY = re.compile(rb"is ready at (http://\S+:(\d+))\n")


def wait_until(condition: Callable[[], object], what: str, seconds: float = START_SECONDS) -> None:
    """Look every 20 ms until `condition` holds; fail with `what` when it does not in time."""
    ends_at = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends_at, f"not within {seconds} s: {what}"
        select.select([], [], [], 0.02)


def clean_environment(prefixes: tuple[str, ...], **added: str) -> dict[str, str]:
    """Give this process's environment without variables of `prefixes`, and with `added`.

    No authority that this machine trusts is known there: reading them all takes a program 0.05 s.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(prefixes)}
    return {**kept, "SSL_CERT_FILE": os.devnull, **added}


class Server:
    """`sharethings serve` on a data directory; the port stays the same over restarts.

    Use as `with Server(…) as server`: it is started unless it runs, and ended whatever happens.
    """

    def __init__(
        self,
        data_directory: Path,
        log_file: Path,
        settings: Mapping[str, object],
        command: tuple[str, ...] = (str(Path(sys.executable).with_name("sharethings")),),
    ) -> None:
        """Take where data and log go and settings by their names; nothing is started yet."""
        self.data_directory = data_directory
        self.log_file = log_file
        self.port = 0
        self.url = ""
        self._command = command
        # Hundreds of data directories are kept, and what a test damages is not found by itself.
        settings = {"ballast_bytes": 65_536, "scrub_bytes_per_second": 0, **settings}
        self._environment = clean_environment(
            ("SHARETHINGS_",),
            **{f"SHARETHINGS_{name.upper()}": str(value) for name, value in settings.items()},
        )
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start it."""
        if self._process is None:
            self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_error: object) -> None:
        """Let it stop well if it runs; kill it when something else has failed."""
        if self._process is not None:
            self.stop() if kind is None else self.kill()

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The process that runs now."""
        assert self._process is not None, "the server is not running"
        return self._process

    @property
    def pid(self) -> int:
        """The process id."""
        return self.process.pid

    @property
    def log(self) -> str:
        """All that it has written to standard error, over restarts."""
        return self.log_file.read_text()

    def start(self) -> None:
        """Start it, and wait until it says that it is ready."""
        assert self._process is None, "the server runs already"
        arguments = ["serve", "--port", str(self.port), "--data-dir", str(self.data_directory)]
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(
                [*self._command, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                env=self._environment,
                cwd=self.log_file.parent,
            )
        found = READY.search(self._first_line())
        if found is None:
            self._end(signal.SIGKILL)
            raise AssertionError(f"The server did not get ready:\n{self.log}")
        self.url, self.port = found[1].decode(), int(found[2])

    def _first_line(self) -> bytes:
        output = self.process.stdout
        assert output is not None
        if not select.select([output], [], [], START_SECONDS)[0]:
            return b""
        return output.readline()

    def _end(self, number: signal.Signals) -> int:
        process, self._process = self.process, None
        process.send_signal(number)
        try:
            return process.wait(STOP_SECONDS)
        finally:
            if process.returncode is None:
                process.kill()
                process.wait()
            if process.stdout is not None:
                process.stdout.close()

    def kill(self) -> None:
        """Kill it as a crash would (SIGKILL)."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Tell it to stop (SIGTERM); fail when it does not end well."""
        code = self._end(signal.SIGTERM)
        assert code == 0, f"the server ended with {code}:\n{self.log}"

    def restart(self) -> None:
        """Kill it and start it again on the same port and data."""
        self.kill()
        self.start()

    @property
    def is_running(self) -> bool:
        """Whether it was started and not ended by us."""
        return self._process is not None

    def has_read_all(self) -> bool:
        """Say whether nothing that was sent to it waits in the system (proc(5), net/tcp)."""
        for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
            _, local, _, _, queues, *_ = line.split()
            if local.endswith(f":{self.port:04X}") and not queues.endswith(":00000000"):
                return False
        return True

    def memory_bytes(self) -> int:
        """Give its resident memory now."""
        return int(psutil.Process(self.pid).memory_info().rss)

    def memory_peak_bytes(self) -> int:
        """Give the most resident memory that it had since it was started (VmHWM of proc(5))."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        assert found is not None
        return int(found[1]) * 1024


@dataclass(frozen=True, slots=True)
class Certificate:
    """What `haproxy/make-dev-certificate` makes."""

    pem: Path
    ca_file: Path


def make_certificate(folder: Path, *names: str) -> Certificate:
    """Run the project's own helper."""
    helper = ROOT / "haproxy" / "make-dev-certificate"
    subprocess.run([helper, folder, *names], check=True, capture_output=True)
    return Certificate(folder / "sharethings.pem", folder / "ca.pem")


def _listen() -> socket.socket:
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    listener.set_inheritable(True)
    return listener


class Haproxy:
    """The real haproxy with haproxy/haproxy.cfg in front of one address.

    Its sockets are made here and inherited: the ports are free for certain, and connections
    wait in them until it is up.
    """

    program = shutil.which("haproxy", path=f"{os.environ.get('PATH', '')}:/usr/sbin")

    def __init__(
        self,
        backend: str,
        certificate: Certificate,
        log_file: Path,
        configuration: Path,
        **settings: object,
    ) -> None:
        """Take `host:port` of the server behind; `settings` are PROXY_* in small letters."""
        self._configuration = configuration
        self.ca_file = certificate.ca_file
        self.log_file = log_file
        self._https, self._http = _listen(), _listen()
        self.https_port: int = self._https.getsockname()[1]
        self.http_port: int = self._http.getsockname()[1]
        self.url = f"https://localhost:{self.https_port}"
        self._folder = tempfile.TemporaryDirectory(prefix="haproxy-")  # a short path for a socket
        self._admin = Path(self._folder.name) / "admin.sock"
        given = {
            "https_bind": f"fd@{self._https.fileno()}",
            "http_bind": f"fd@{self._http.fileno()}",
            "certificate": certificate.pem,
            "server": backend,
            "admin_socket": self._admin,
            **settings,
        }
        if os.getuid() != 0:
            given["unprivileged"] = 1
        self.environment = clean_environment(
            ("PROXY_",), **{f"PROXY_{name.upper()}": str(value) for name, value in given.items()}
        )
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        """All that it has logged."""
        return self.log_file.read_text()

    def start(self) -> None:
        """Start it in the foreground, and wait until it can be asked."""
        assert self.program is not None, "haproxy is not installed: run make system"
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(
                [self.program, "-db", "-f", self._configuration],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self.environment,
                pass_fds=(self._https.fileno(), self._http.fileno()),
            )
        wait_until(self._is_up, "haproxy is up")

    def _is_up(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, f"haproxy ended:\n{self.log}"
        try:
            return bool(self.ask("show info"))
        except (FileNotFoundError, ConnectionRefusedError):
            return False

    def ask(self, command: str) -> str:
        """Ask its admin socket."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(self._admin))
            connection.sendall(f"{command}\n".encode())
            return b"".join(iter(lambda: connection.recv(65536), b"")).decode()

    def wait_for_server(self, state: str) -> None:
        """Wait until the health check sees the server as `UP` or `DOWN`."""
        pattern = re.compile(rf"^pages,node1(,[^,]*){{15}},{state}\b", re.MULTILINE)
        wait_until(
            lambda: pattern.search(self.ask("show stat")) is not None, f"the server is {state}"
        )

    def stop(self) -> None:
        """End it and give the ports back."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(STOP_SECONDS)
            self._process = None
        self._https.close()
        self._http.close()
        self._folder.cleanup()
