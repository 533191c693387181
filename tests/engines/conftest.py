"""The engines beside Chromium: Firefox and WebKit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.engines.engine import Visitor
from tests.engines.firefox import Firefox
from tests.engines.webkit import WebKit
from tests.files import MIB
from tests.proxy import Proxy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.conftest import StartServer
    from tests.engines.engine import Engine
    from tests.programs import Server

ENGINES: dict[str, Callable[[Path], Engine]] = {"firefox": Firefox, "webkit": WebKit}


@pytest.fixture(params=[pytest.param(name, marks=getattr(pytest.mark, name)) for name in ENGINES])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """One of them after the other."""
    folder = tmp_path / request.param
    folder.mkdir()
    one = ENGINES[request.param](folder)
    yield one
    one.close()


@pytest.fixture
def place(server: StartServer) -> Server:
    """A server."""
    return server()


@pytest.fixture
def line(place: Server) -> Iterator[Proxy]:
    """A line to it on which 100 MiB take five seconds, so that what is looked at is under way."""
    with Proxy(place.port) as line:
        line.bytes_per_second = 20 * MIB
        yield line


@pytest.fixture
def visitor(engine: Engine, place: Server) -> Visitor:
    """Somebody at this engine."""
    return Visitor(engine, place.url)
