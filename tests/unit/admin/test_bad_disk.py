"""Backups and bad disks: what is torn, in doubt or not written costs as little as it can."""

from __future__ import annotations

import errno
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from sharethings.admin import acts, reports
from sharethings.admin.backup import restore_backup
from sharethings.admin.doors import answer
from sharethings.admin.errors import UnusableError
from sharethings.admin.place import stopped
from sharethings.config import load_settings
from sharethings.storage.backup import Manifest
from sharethings.storage.chunk_files import ChunkFiles
from tests.unit.admin.test_backup import (
    back_up,
    elsewhere,
    fill,
    made,
    place_of,
    quiet,
    state,
)
from tests.unit.core.house import House, ask
from tests.unit.storage.test_doubts import fall, killed

if TYPE_CHECKING:
    from tests.unit.storage.test_recovery import Scene

__all__ = ["elsewhere", "killed", "made"]


@pytest.mark.parametrize(
    ("damage", "kind"), [("flip", "digest"), ("cut", "size"), ("lose", "missing")]
)
async def test_one_bad_chunk_costs_one_content_not_the_backup(
    made: Path, tmp_path: Path, damage: str, kind: str
):
    (chunk,) = made.glob("sessions/*/*/1.bin")
    data = chunk.read_bytes()
    chunk.unlink()
    if damage != "lose":
        chunk.write_bytes(bytes(len(data)) if damage == "flip" else data[:-1])
    fresh = load_settings(data_directory=tmp_path / "fresh")
    with pytest.raises(UnusableError, match=rf"{kind} \(1\): .* Or add --damaged"):
        await restore_backup(fresh, made, quiet)
    report = await restore_backup(fresh, made, quiet, damaged=True)
    assert (report.damaged_count, report.manifest.contents_count) == (1, 2)
    async with House(tmp_path / "fresh") as house:
        found = await answer(place_of(house), acts.Verify(deep=True), quiet)
        assert isinstance(found, reports.Verified)
        assert found.kinds == {"damaged": 1}
        damaged = "SELECT count(*) FROM content_metadata WHERE is_damaged AND stored_count = 2"
        assert await ask(house, damaged) == 1


async def test_what_is_whole_is_restored_with_damaged_as_without(made: Path, tmp_path: Path):
    fresh = load_settings(data_directory=tmp_path / "fresh")
    assert (await restore_backup(fresh, made, quiet, damaged=True)).damaged_count == 0
    contents, files = await state(tmp_path / "fresh")
    assert (len(contents), len(files)) == (2, 3)


async def test_a_damaged_database_is_never_restored(made: Path, tmp_path: Path):
    with closing(sqlite3.connect(made / "sharethings.db")) as database, database:
        database.execute("PRAGMA foreign_keys=OFF")
        database.execute("DELETE FROM sessions")
    manifest = made / "manifest.json"
    read = msgspec.json.decode(manifest.read_bytes(), type=Manifest)
    digest = ChunkFiles.digest(made / "sharethings.db").hex()
    manifest.write_bytes(msgspec.json.encode(msgspec.structs.replace(read, database_sha256=digest)))
    with pytest.raises(UnusableError, match=r"database \(\d+\): .* copy this one here again\.$"):
        await restore_backup(
            load_settings(data_directory=tmp_path / "fresh"), made, quiet, damaged=True
        )


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


@pytest.mark.parametrize("act", ["backup", "restore"])
@pytest.mark.parametrize("name", ["1.bin", "sharethings.db"])
async def test_what_the_disk_could_not_keep_of_a_copy_is_told(
    tmp_path: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch, act: str, name: str
):
    """As the kernel does: sync tells nobody, fsync of the file gives the error of its writing."""
    kernel_fsync = os.fsync

    def fsync(file: int) -> None:
        path = Path(f"/proc/self/fd/{file}").readlink()
        if path.name == name and path.is_relative_to(elsewhere):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        kernel_fsync(file)

    fresh = load_settings(data_directory=elsewhere / "fresh")
    async with House(tmp_path / "data") as house:
        await fill(house)
        if act == "restore":
            await back_up(house, tmp_path / "backup")
        monkeypatch.setattr(os, "fsync", fsync)
        failing = (
            back_up(house, elsewhere / "backup")
            if act == "backup"
            else restore_backup(fresh, tmp_path / "backup", quiet)
        )
        with pytest.raises(UnusableError, match=rf"Input/output error: .*{name}"):
            await failing
        monkeypatch.undo()
    assert not (elsewhere / "backup").exists()
    assert not (elsewhere / "fresh" / "restored").exists()
