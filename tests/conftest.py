"""Fixtures that all tests share: real programs and free ports."""

from __future__ import annotations

import json
import socket
from contextlib import ExitStack
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

import pytest

from tests.programs import ROOT, Certificate, Haproxy, Server, make_certificate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


SHIPPED = ROOT / "haproxy" / "haproxy.cfg"


COVERING = [ROOT / "tests" / name for name in ("unit", "contract", "vectors")]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put Chromium's last: its driver keeps an event loop running, beside which none can start.

    Others than those that must reach every branch are not traced (docs/decisions/0013).
    """
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
    for item in items:
        if not any(item.path.is_relative_to(folder) for folder in COVERING):
            item.add_marker(pytest.mark.no_cover)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `make fault-long` ask for more rounds of the tests that count them."""
    parser.addoption("--long", action="store_true", help="as many rounds as the issue asks for")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests have measured (record_property), from all processes."""
    reports = [one for kind in ("passed", "failed") for one in terminalreporter.getreports(kind)]
    for report in reports:
        if report.when == "call" and report.user_properties:
            figures = ", ".join(f"{name} {value}" for name, value in report.user_properties)
            terminalreporter.write_line(f"{report.nodeid}: {figures}")


@pytest.fixture(autouse=True)
def state_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder of the test's own, for the commands that it starts too."""
    folder = tmp_path / "state"
    monkeypatch.setenv("XDG_STATE_HOME", str(folder))
    return folder


@pytest.fixture
def is_long(pytestconfig: pytest.Config) -> bool:
    """Whether there is time for the many rounds."""
    return bool(pytestconfig.getoption("--long"))


class StartServer(Protocol):
    """Starts a server; `settings` are those of sharethings/config.py by name."""

    def __call__(self, data_directory: Path | None = None, **settings: object) -> Server: ...


class StartHaproxy(Protocol):
    """Starts HAProxy in front of `url`; `settings` are PROXY_* of haproxy/haproxy.cfg."""

    def __call__(self, url: str, configuration: Path = SHIPPED, **settings: object) -> Haproxy: ...


@pytest.fixture
def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def _errors(server: Server) -> list[str]:
    """Give the lines of its log that tell of a fault, or that are no JSON."""
    return [
        line
        for line in server.log.splitlines()
        if not line.startswith("{") or json.loads(line)["level"] in {"error", "critical"}
    ]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[StartServer]:
    """Start servers; at the end of the test they must stop well and have logged no fault."""
    started: list[Server] = []

    def start(data_directory: Path | None = None, **settings: object) -> Server:
        name = f"server{len(started)}"
        one = Server(data_directory or tmp_path / name, tmp_path / f"{name}.log", settings)
        started.append(stack.enter_context(one))
        return one

    with ExitStack() as stack:
        yield start
    assert [line for one in started for line in _errors(one)] == []


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """A development certificate for localhost, 127.0.0.1 and share.example."""
    return make_certificate(tmp_path_factory.mktemp("certificate"), "share.example")


@pytest.fixture
def haproxy(tmp_path: Path, certificate: Certificate) -> Iterator[StartHaproxy]:
    """Start real HAProxies with the shipped configuration."""
    started: list[Haproxy] = []

    def start(url: str, configuration: Path = SHIPPED, **settings: object) -> Haproxy:
        log_file = tmp_path / f"haproxy{len(started)}.log"
        one = Haproxy(urlsplit(url).netloc, certificate, log_file, configuration, **settings)
        started.append(one)
        one.start()
        return one

    yield start
    for one in started:
        one.stop()
