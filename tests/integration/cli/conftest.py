"""Tia at a terminal, with a server that nobody has used yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.terminal import Terminal

if TYPE_CHECKING:
    from tests.conftest import StartServer
    from tests.programs import Server


@pytest.fixture
def program(server: StartServer) -> Server:
    return server(creations_per_hour=10_000)


@pytest.fixture
def tia(program: Server) -> Terminal:
    return Terminal(program.url)
