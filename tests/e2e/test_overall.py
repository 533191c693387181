"""Several transfers at once: how far they are together, in both directions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.conftest import DESKTOP, PHONE, Member
from tests.e2e.test_layout import edges
from tests.e2e.test_session import take_pictures
from tests.files import MIB, make_file, sha256_of
from tests.programs import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Dialog, Download, Route

LAST = "**/chunks/4"
"""The last of the five chunks of each file."""
CLICK_ALL = """() => [...document.querySelectorAll('article button')]
  .filter(({textContent}) => textContent === 'Save').forEach(button => button.click())"""


class AllHeld:
    """Requests of some chunks that do not leave the browser."""

    def __init__(self, member: Member, count: int) -> None:
        """Hold so many requests of last chunks, and all after them."""
        self._member = member
        self._count = count
        self._held: list[Route] = []
        self._is_over = False
        member.context.route(LAST, self._hold)

    def _hold(self, route: Route) -> None:
        if self._is_over:
            route.fallback()
        else:
            self._held.append(route)

    def wait(self) -> None:
        """Wait until they are held."""
        page = self._member.page
        wait_until(lambda: page.evaluate("1") == 1 and len(self._held) >= self._count, "held")

    def release_one(self) -> None:
        """Let the first go."""
        self._held.pop(0).continue_()

    def release(self) -> None:
        """Let them go, and all others."""
        self._is_over = True
        for route in self._held:
            route.continue_()


def told(member: Member, text: str) -> Any:
    """Give the line over the composer that says how far all of it is."""
    return member.page.locator("main p").get_by_text(text)


@pytest.mark.parametrize("look", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_several_at_once_are_told_as_one(
    member: Callable[..., Member], tmp_path: Path, look: dict[str, Any]
):
    zoe = member(look)
    zoe.join("Zoë")
    files = [tmp_path / f"Reel {number}.mov" for number in (1, 2, 3)]
    digests = [make_file(file, 5 * MIB) for file in files]
    height = look["viewport"]["height"]

    held = AllHeld(zoe, 2)
    zoe.share(*files)
    held.wait()
    line = told(zoe, "0 of 3 files done")
    line.wait_for()
    told(zoe, "53 % · 8.4 MB of 15.7 MB").wait_for()
    _, line_ends = edges(line)
    box_begins, _ = edges(zoe.page.get_by_role("textbox", name="Message"))
    assert line_ends <= box_begins < height
    read_out = zoe.page.get_by_role("status").get_by_text("Sending: 0 of 3 files done, 53 %")
    read_out.wait_for(state="attached")
    take_pictures((f"overall-sending-{height}", zoe))
    held.release_one()
    told(zoe, "1 of 3 files done").wait_for()
    held.release()
    zoe.page.get_by_role("status").get_by_text("3 files are sent.").wait_for(state="attached")
    assert not line.is_visible()

    got: list[Download] = []
    zoe.page.on("download", lambda download: got.append(download))  # noqa: PLW0108 - it is marked
    held = AllHeld(zoe, 2)
    for file in files:
        zoe.content(file.name).get_by_role("button", name="Save").click()
    held.wait()
    told(zoe, "0 of 3 files done").wait_for()
    take_pictures((f"overall-saving-{height}", zoe))
    zoe.content(files[0].name).get_by_role("button", name="Cancel").click()
    told(zoe, "0 of 2 files done").wait_for()
    held.release()
    zoe.page.get_by_role("status").get_by_text("2 files are saved.").wait_for(state="attached")
    for file, digest in zip(files[1:], digests[1:], strict=True):
        (download,) = (one for one in got if one.suggested_filename == file.name)
        download.save_as(tmp_path / "saved")
        assert sha256_of(tmp_path / "saved") == digest


def test_what_is_saved_in_one_moment_comes_whole_and_unasked(
    member: Callable[..., Member], tmp_path: Path
):
    zoe = member()
    zoe.join("Zoë")
    files = [tmp_path / f"Reel {number}.mov" for number in (1, 2, 3, 4)]
    digests = [make_file(file, MIB * number) for number, file in enumerate(files)]
    zoe.share(*files)
    for file in files:
        zoe.content(file.name).get_by_role("button", name="Save").wait_for()

    got: dict[str, Download] = {}
    asked: list[Dialog] = []
    zoe.page.on("download", lambda download: got.update({download.suggested_filename: download}))

    def agree(dialog: Dialog) -> None:
        asked.append(dialog)
        dialog.accept()

    zoe.page.on("dialog", agree)
    zoe.page.evaluate(CLICK_ALL)
    wait_until(lambda: zoe.page.evaluate("1") == 1 and len(got) == len(files), "downloads")
    for file, digest in zip(files, digests, strict=True):
        got[file.name].save_as(tmp_path / "saved")
        assert sha256_of(tmp_path / "saved") == digest
    assert not asked
