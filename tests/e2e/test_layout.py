"""What must be seen and within reach at the sizes that people have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.conftest import DESKTOP, PASSPHRASE, PHONE, SESSION, Member

if TYPE_CHECKING:
    from collections.abc import Callable

RING_PIXELS = 4
"""The focus ring and its distance (client/src/ui/theme/system.ts)."""
NO_CLIPBOARD = """Object.defineProperty(navigator, "clipboard", {
  value: { writeText: () => Promise.reject(new Error("no")) } })"""


def edges(found: Any) -> tuple[float, float]:
    """Give where an element begins and ends from top to bottom, in pixels of the window."""
    box = found.bounding_box()
    return box["y"], box["y"] + box["height"]


@pytest.mark.parametrize("look", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_what_went_wrong_and_the_way_on_are_seen(
    member: Callable[..., Member], look: dict[str, Any]
):
    zoe, eve = member(look), member(look)
    zoe.join("Zoë")
    eve.fill(SESSION, "Eve", "another-passphrase-here")
    height = look["viewport"]["height"]
    alert = eve.page.get_by_role("alert")
    alert.wait_for()
    button = eve.page.get_by_role("button", name="Join or create")
    for top, bottom in (edges(alert), edges(button)):
        assert top >= 0
        assert bottom <= height


@pytest.mark.parametrize("look", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_nothing_covers_what_is_used(member: Callable[..., Member], look: dict[str, Any]):
    zoe = member(look)
    zoe.join("Zoë", passphrase=PASSPHRASE)
    _, box_ends = edges(zoe.page.get_by_role("textbox", name="Message"))
    choice_begins, _ = edges(zoe.page.get_by_label("How long what you share stays"))
    assert choice_begins - box_ends >= RING_PIXELS
    for number in range(8):
        zoe.say(f"text {number}")
        zoe.page.get_by_text(f"text {number}").wait_for()
    zoe.page.evaluate(NO_CLIPBOARD)
    copy = zoe.page.get_by_role("button", name="Copy").last
    copy.click()
    told = zoe.page.get_by_role("alert")
    told.wait_for()
    # Playwright refuses a click that something else would take.
    copy.click(timeout=5_000)
    _, last_ends = edges(copy)
    told_begins, _ = edges(told)
    assert last_ends <= told_begins
