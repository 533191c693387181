"""axe finds nothing: on the join page, in a session, among transfers; phone and desktop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.conftest import DESKTOP, PHONE, Member, Place
from tests.e2e.test_folders import FOLDERS
from tests.e2e.test_overall import AllHeld, told
from tests.files import MIB, make_file, make_picture, make_roomy_picture
from tests.programs import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

AXE = ROOT / "client" / "node_modules" / "axe-core" / "axe.min.js"
FIND = """async () => (await axe.run()).violations.flatMap(
  rule => rule.nodes.map(node => `${rule.id}: ${node.target.join(' ')}: ${node.failureSummary}`))"""


def _violations(page: Page) -> list[str]:
    page.add_script_tag(path=AXE)
    found: list[str] = page.evaluate(FIND)
    return found


LOOKS = pytest.mark.parametrize("look", [DESKTOP, PHONE], ids=["desktop, light", "phone, dark"])


@LOOKS
def test_axe_finds_nothing(browser: Browser, place: Place, look: dict[str, Any], tmp_path: Path):
    context = browser.new_context(**look, bypass_csp=True)
    try:
        zoe = Member(context, place.url)
        zoe.page.goto(place.url)
        zoe.page.get_by_role("button", name="Join or create").wait_for()
        assert _violations(zoe.page) == []
        zoe.fill("garden", "Zoë", "short")
        zoe.page.get_by_role("alert").wait_for()
        assert _violations(zoe.page) == []
        zoe.join("Zoë")
        zoe.say("A text with https://example.org/a link")
        picture = tmp_path / "evening.png"
        make_picture(picture, 300, 200)
        notes = tmp_path / "notes.txt"
        notes.write_text("water the tomatoes")
        zoe.share(picture, notes)
        zoe.page.get_by_role("img", name=picture.name).wait_for()
        zoe.content(notes.name).wait_for()
        assert _violations(zoe.page) == []
        remove = zoe.content(notes.name).get_by_role("button", name="Remove")
        remove.click()
        zoe.page.get_by_role("dialog").wait_for()
        assert _violations(zoe.page) == []
        zoe.page.get_by_role("button", name="Cancel").click()
        zoe.page.get_by_role("dialog").wait_for(state="detached")
        assert remove.evaluate("button => button === document.activeElement")
    finally:
        context.close()


@LOOKS
def test_axe_finds_nothing_among_transfers(
    browser: Browser, place: Place, look: dict[str, Any], tmp_path: Path
):
    photos = tmp_path / "photos"
    (photos / "May").mkdir(parents=True)
    make_roomy_picture(photos / "May" / "Dusk.png")
    (photos / "notes.txt").write_text("the first of May")
    reels = [tmp_path / "One.mov", tmp_path / "Two.mov"]
    for reel in reels:
        make_file(reel, 5 * MIB)
    context = browser.new_context(**look, bypass_csp=True)
    try:
        zoe = Member(context, place.url)
        zoe.join("Zoë")
        zoe.page.locator(FOLDERS).set_input_files(photos)
        card = zoe.content("photos")
        card.get_by_role("button", name="Show files").click()
        zoe.content("notes.txt").wait_for()
        held = AllHeld(zoe, 2)
        zoe.share(*reels)
        held.wait()
        told(zoe, "files done").wait_for()
        assert _violations(zoe.page) == []
        held.release()
        told(zoe, "files done").wait_for(state="detached")
    finally:
        context.close()
