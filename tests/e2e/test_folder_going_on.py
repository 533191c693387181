"""Folders that a closed page cut off."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from tests.e2e.test_equal import sent_by
from tests.e2e.test_folders import FOLDERS, make_tree, save_zip, unzip
from tests.e2e.test_going_on import reload
from tests.files import MIB, make_file
from tests.programs import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Route

    from tests.e2e.conftest import Member

LATE_CHUNKS = re.compile(r"/chunks/([5-9]|1\d)$")


def test_a_folder_that_was_cut_off_goes_on_in_its_group(
    member: Callable[..., Member], tmp_path: Path
):
    zoe, ben = member(), member()
    zoe.join("Zoë")
    ben.join("Ben")
    photos = tmp_path / "photos"
    files = make_tree(photos)
    for name in ("1/data.bin", "2/data.bin", "zz.bin"):
        path = photos / name
        path.parent.mkdir(exist_ok=True)
        make_file(path, 12 * MIB)
        os.utime(path, (1_700_000_000, 1_700_000_000))
        files[f"photos/{name}"] = path.read_bytes()

    held: list[Route] = []
    zoe.context.route(LATE_CHUNKS, lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks it
    zoe.page.locator(FOLDERS).set_input_files(photos)
    wait_until(lambda: zoe.page.evaluate("1") == 1 and len(held) > 1, "both are on their way")
    zoe.content("photos").get_by_text("of 8 files are here").wait_for()
    assert reload(zoe, "Zoë") == ["beforeunload"]
    zoe.context.unroute(LATE_CHUNKS)
    zoe.page.get_by_text("6 uploads were interrupted").wait_for()

    sent = sent_by(zoe)
    zoe.page.locator(FOLDERS).set_input_files(photos)
    ben.content("photos").get_by_text("8 files · 41 MB").wait_for()
    ben.content("photos").get_by_role("progressbar").wait_for(state="detached")
    for one in (zoe, ben):
        assert one.page.get_by_role("article").count() == 1
    assert save_zip(ben, "photos", "Save as zip", tmp_path / "a.zip") == "photos.zip"
    assert unzip(tmp_path / "a.zip") == files
    assert len(sent) < 3 * 12
