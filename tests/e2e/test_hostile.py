"""Members who send what no honest client sends: the page stays, and stays in its place."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from sharethings.client.sending import Upload
from sharethings.client.server import Server
from sharethings.client.session import Session
from sharethings.client.sizes import lay_out
from tests.e2e.conftest import DESKTOP, PASSPHRASE, PHONE, SESSION, Member, Place
from tests.files import make_picture

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

YEAR_287396_MS = 9_000_000_000_000_000
WIDTHS = """() => [...document.querySelectorAll('[role=region], main, aside, article')]
  .filter(element => element.scrollWidth > element.clientWidth)
  .map(element => `${element.tagName} ${element.scrollWidth} > ${element.clientWidth}`)"""


class Forged(Upload):
    """A content that says of itself whatever it is told to say."""

    async def send(self, plain: bytes, **members: object) -> None:
        """Send it whole with these members in its manifest."""
        self._members |= members
        layout = lay_out(len(plain))
        await self.send_inline(plain, layout)


def forge(place: Place, name: str, *contents: dict[str, Any]) -> None:
    """Join as `name` and share contents; each says what its members say."""

    async def share() -> None:
        server = Server.parse(place.url, place.haproxy.ca_file)
        async with await Session.open(server, SESSION, name, PASSPHRASE, create=True) as session:
            for members in contents:
                kind = str(members.get("kind", "text"))
                upload = Forged(session, kind, "", "text/plain", lay_out(9).chunk_size)
                await upload.send(b"what it is", **members)

    # The driver of the browser keeps a loop running in this thread.
    with ThreadPoolExecutor(1) as beside:
        beside.submit(asyncio.run, share()).result(60)


def test_a_content_of_no_possible_time_takes_nothing_with_it(
    place: Place, member: Callable[..., Member]
):
    zoe = member()
    zoe.join("Zoë")
    zoe.say("before")
    zoe.page.get_by_text("before").wait_for()
    forge(place, "Eve", {"created": YEAR_287396_MS})
    bad = zoe.content("Cannot be read")
    bad.wait_for()
    zoe.page.get_by_text("before").wait_for()
    bad.get_by_role("button", name="Remove").click()
    zoe.page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    bad.wait_for(state="detached")
    zoe.say("after")
    zoe.page.get_by_text("after", exact=True).wait_for()


@pytest.mark.parametrize("look", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_long_names_stay_inside(place: Place, member: Callable[..., Member], look: dict[str, Any]):
    long = "Wolfeschlegelsteinhausen" * 12
    zoe = member(look)
    zoe.join("Zoë")
    forge(
        place,
        long,
        {},
        {"kind": "file", "name": f"{long}.tar"},
        {"kind": "text", "pinned": True},
    )
    zoe.page.get_by_role("article").nth(2).wait_for()
    assert zoe.page.evaluate(WIDTHS) == []
    card = zoe.content(f"{long}.tar")
    for act in ("Save", "Pin", "Rename", "Remove"):
        box = card.get_by_role("button", name=act).bounding_box()
        assert box["x"] + box["width"] <= look["viewport"]["width"]
    card.get_by_role("button", name="Remove").click()
    dialog = zoe.page.get_by_role("dialog")
    assert dialog.evaluate("dialog => dialog.scrollWidth <= dialog.clientWidth")


def test_names_have_no_marks_that_turn_them_around(place: Place, member: Callable[..., Member]):
    zoe = member()
    zoe.join("Zoë")
    forge(
        place,
        "Eve \u202e(uoy)",
        {"kind": "file", "name": "invoice\u202efdp.exe"},
        {"kind": "file", "name": "\u202e" * 255},
    )
    cards = zoe.page.get_by_role("article")
    cards.nth(1).wait_for()
    assert "\u202e" not in zoe.page.locator("body").inner_text()
    zoe.content("invoicefdp.exe").get_by_text("Eve (uoy)").wait_for()
    assert cards.nth(1).get_attribute("aria-label") not in {"", None}


def test_many_small_files_come_in_their_order(member: Callable[..., Member], tmp_path: Path):
    zoe, ben = member(), member(PHONE)
    zoe.join("Zoë")
    ben.join("Ben")
    files = [tmp_path / f"{number:03d}.txt" for number in range(100)]
    for file in files:
        file.write_text(file.name)
    zoe.share(*files)
    ben.content(files[-1].name).get_by_role("button", name="Save").wait_for(timeout=60_000)
    for one in (zoe, ben):
        names = one.page.get_by_role("article").evaluate_all(
            "cards => cards.map(card => card.ariaLabel)"
        )
        assert names == [file.name for file in files]
        assert one.page.get_by_text("Waiting for its turn").count() == 0


def test_pictures_far_away_are_not_held(member: Callable[..., Member], tmp_path: Path):
    zoe, ben = member(), member(PHONE)
    zoe.join("Zoë")
    pictures = [tmp_path / f"{number:02d}.png" for number in range(16)]
    for picture in pictures:
        make_picture(picture, 240, 180)
    zoe.share(*pictures)
    zoe.content(pictures[-1].name).get_by_role("button", name="Save").wait_for()
    ben.join("Ben")
    last = ben.page.get_by_role("img", name=pictures[-1].name)
    last.wait_for()
    shown = ben.page.get_by_role("img")
    assert shown.count() < len(pictures)
    ben.content(pictures[0].name).scroll_into_view_if_needed()
    ben.page.get_by_role("img", name=pictures[0].name).wait_for()
    last.wait_for(state="detached")
    assert shown.count() < len(pictures)
