"""A house for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.core.house import House

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A store with its rules and the default limits."""
    async with House(tmp_path / "data") as opened:
        yield opened
