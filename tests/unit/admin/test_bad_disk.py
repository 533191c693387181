"""Backups and bad disks: what is torn, in doubt or not written costs as little as it can."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sharethings.admin import acts
from sharethings.admin.doors import answer
from sharethings.admin.errors import UnusableError
from sharethings.admin.place import stopped
from sharethings.config import load_settings
from tests.unit.admin.test_backup import back_up, quiet
from tests.unit.core.house import House
from tests.unit.storage.test_doubts import fall, killed

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.storage.test_recovery import Scene

__all__ = ["killed"]


async def test_nothing_in_doubt_is_backed_up(killed: Scene, tmp_path: Path):
    fall(killed)
    settings = load_settings(data_directory=killed.root)
    target = tmp_path / "backup"
    async with stopped(settings) as place:
        with pytest.raises(UnusableError, match="when its log says doubts_settled"):
            await answer(place, acts.Backup(str(target)), quiet)
    async with House(killed.root) as house:
        with pytest.raises(UnusableError, match="is not yet checked"):
            await back_up(house, target)
        await house.core.doubts.settle()
        assert (await back_up(house, target)).manifest.damaged_count == 0
