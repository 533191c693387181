"""A server that nobody has used yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import StartServer
    from tests.programs import Server as Program


@pytest.fixture
def program(server: StartServer) -> Program:
    return server(creations_per_hour=10_000)
