"""What was removed leaves the disk in small steps."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from sharethings.storage import chunk_files
from sharethings.storage.chunk_files import ChunkFiles
from sharethings.storage.data_directory import DataDirectory
from sharethings.storage.disk import Disk
from tests.programs import wait_until
from tests.unit.core.house import House

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


async def test_what_is_left_in_the_trash_goes_in_small_steps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(chunk_files, "CRUMBLE_COUNT", 3)
    DataDirectory(tmp_path / "data").close()
    trash = tmp_path / "data" / "trash"
    for grave in ("a", "b"):
        folder = trash / grave / "below"
        folder.mkdir(parents=True)
        for number in range(5):
            (folder / f"{number}.bin").touch()
    files = ChunkFiles(tmp_path / "data", Disk())
    assert files.crumble()
    assert len(list(trash.glob("*/below/*.bin"))) == 7
    async with House(tmp_path / "data"):
        await asyncio.to_thread(wait_until, lambda: not list(trash.iterdir()), "it is empty")
    assert not files.crumble()
