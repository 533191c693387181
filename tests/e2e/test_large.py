"""A file that is larger than a tab may grow: shared by one browser, saved by another."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.e2e.conftest import SESSION
from tests.files import MIB, make_file, sha256_of
from tests.tab import Tab, save, share

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Playwright

    from tests.conftest import StartServer

FILE_BYTES = 1024 * MIB
LONG_BYTES = 5 * FILE_BYTES
COPIES = 3
"""On the disk at once: the server's, the one that is saved, and the chunks kept meanwhile."""
TAB_MAX_BYTES = 300 * 10**6
SERVER_MAX_BYTES = 200 * 10**6


def check_room(place: Path, size: int) -> None:
    """Fail with what to do when the files of a test do not fit."""
    free, wanted = shutil.disk_usage(place).free, COPIES * size * 11 // 10
    assert free > wanted, (
        f"{place} has {free / 1e9:.0f} GB free of {wanted / 1e9:.0f} GB: "
        "let TMPDIR name a folder with more room"
    )


@pytest.mark.large
def test_a_large_file_passes_through_small_tabs(
    playwright: Playwright,
    server: StartServer,
    tmp_path: Path,
    is_long: bool,
    record_property: Callable[[str, object], None],
):
    size = LONG_BYTES if is_long else FILE_BYTES
    check_room(tmp_path, size)
    started = server()
    url = f"http://localhost:{started.port}"
    file = tmp_path / "recording.mkv"
    digest = make_file(file, size)
    with Tab(tmp_path / "up") as sender:
        with sender.joined(playwright, url, SESSION) as zoe:
            share(zoe, file)
        sent_bytes = sender.peak_bytes(sender.is_done)
    file.unlink()
    with Tab(tmp_path / "down") as receiver:
        with receiver.joined(playwright, url, SESSION) as ben:
            save(ben, file)
        saved = receiver.downloads / file.name
        saved_bytes = receiver.peak_bytes(lambda: saved.exists() and saved.stat().st_size == size)
    assert sha256_of(saved) == digest
    held = {
        "tab that sends": (sent_bytes, TAB_MAX_BYTES),
        "tab that saves": (saved_bytes, TAB_MAX_BYTES),
        "server": (started.memory_peak_bytes(), SERVER_MAX_BYTES),
    }
    for what, (found, _) in held.items():
        record_property(f"MB of the {what}", round(found / 1e6))
    assert [what for what, (found, bound) in held.items() if found >= bound] == []
