"""What holds for a session from its creation on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from sharethings.protocol.replies import Policy
from tests.unit.core.house import House

if TYPE_CHECKING:
    from pathlib import Path

DAY = 86_400


@pytest.mark.parametrize(
    ("cap", "wanted", "given"),
    [
        (0, None, DAY),
        (0, 600, 600),
        (0, 0, 0),
        (3600, None, 3600),
        (3600, 600, 600),
        (3600, 0, 3600),
    ],
)
async def test_a_session_stays_as_its_creator_asks_and_the_operator_allows(
    tmp_path: Path, cap: int, wanted: int | None, given: int
):
    async with House(tmp_path / "data", session_idle_max_seconds=cap) as house:
        _, joined = await house.join(await house.create(idle_seconds=wanted, drops_oldest=True))
        expected = Policy(idle_seconds=given, drops_oldest=True)
        # As the wire has it: an int for a bool is refused by clients.
        assert msgspec.json.encode(joined.policy) == msgspec.json.encode(expected)
