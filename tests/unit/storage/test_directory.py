"""The data directory and the chunk files in it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from sharethings.storage.chunk_files import ChunkFiles
from sharethings.storage.data_directory import DataDirectory, DataDirectoryError
from sharethings.storage.disk import Disk

if TYPE_CHECKING:
    from pathlib import Path


def test_it_is_made_closed_and_locked(tmp_path: Path):
    root = tmp_path / "a" / "b"
    opened = DataDirectory(root)
    assert root.stat().st_mode & 0o777 == 0o700
    assert {path.name for path in root.iterdir()} == {"lock", "sessions", "backups", "tmp", "trash"}
    with pytest.raises(DataDirectoryError, match="Another server uses"):
        DataDirectory(root)
    opened.close()
    DataDirectory(root).close()


def test_what_was_arriving_is_gone_at_the_next_start(tmp_path: Path):
    DataDirectory(tmp_path / "data").close()
    folder = tmp_path / "data" / "tmp" / "left"
    folder.mkdir()
    (folder / "0.bin").write_bytes(b"x")
    kept = tmp_path / "data" / "sessions" / "s"
    kept.mkdir()
    DataDirectory(tmp_path / "data").close()
    assert not list((tmp_path / "data" / "tmp").iterdir())
    assert kept.is_dir()


def test_what_is_open_to_others_is_refused_and_an_empty_one_is_closed(tmp_path: Path):
    tmp_path.chmod(0o755)
    DataDirectory(tmp_path).close()
    assert tmp_path.stat().st_mode & 0o777 == 0o700
    tmp_path.chmod(0o750)
    with pytest.raises(DataDirectoryError, match="chmod 700"):
        DataDirectory(tmp_path)


def test_what_is_no_directory_or_cannot_be_made_is_refused(tmp_path: Path):
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(DataDirectoryError, match="cannot be used: File exists"):
        DataDirectory(file)
    with pytest.raises(DataDirectoryError, match="cannot be used: Not a directory"):
        DataDirectory(file / "below")
    with pytest.raises(DataDirectoryError, match="is not a directory"):
        DataDirectory._check(file)


def test_what_belongs_to_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    mine = os.getuid()
    monkeypatch.setattr("os.getuid", lambda: mine + 1)
    with pytest.raises(DataDirectoryError, match="belongs to another user"):
        DataDirectory(tmp_path)


async def test_space_is_looked_at_once_a_second(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    opened = DataDirectory(tmp_path / "data")
    free, total = await opened.space()
    assert 0 < free <= total
    monkeypatch.setattr("os.statvfs", None)
    assert await opened.space() == (free, total)
    opened.close()


def test_burying_what_is_not_there_does_nothing(tmp_path: Path):
    opened = DataDirectory(tmp_path / "data")
    assert ChunkFiles(opened.root, Disk()).bury("a" * 64, "b" * 32) is None
    opened.close()
