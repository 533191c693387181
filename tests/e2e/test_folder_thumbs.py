"""Thumbnails in the list of a folder's files: seen, and only where the list is."""

from __future__ import annotations

import asyncio
import base64
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from sharethings.client.server import Server as Address
from sharethings.client.session import Session
from sharethings.client.upload import share_file
from tests.e2e.conftest import DESKTOP, PASSPHRASE, PHONE, SESSION, Member, Place
from tests.e2e.test_folders import FOLDERS
from tests.e2e.test_session import take_pictures
from tests.e2e.test_thumbnails import small_square
from tests.files import make_roomy_picture
from tests.programs import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MANY = 120
"""Rows: far more than are seen, and no more than two pages of the listing."""
GROUP = {"id": "f" * 32, "name": "photos", "count": MANY}
PATHS = """(images) => images.filter(({ style }) => style.visibility !== 'hidden')
  .map((image) => image.closest('article').ariaLabel)"""


async def share_many(url: str, picture: Path) -> None:
    """Share a folder of pictures, each with a thumbnail of its own, as a browser would."""
    async with await Session.open(Address(url), SESSION, "Eve", PASSPHRASE) as eve:
        for number in range(MANY):
            data = base64.urlsafe_b64encode(small_square(8 * (1 + number % 40))).decode()
            name = f"{number:03}.png"
            members: dict[str, Any] = {"path": f"photos/{name}", "group": GROUP}
            members["thumb"] = {"width": 320, "height": 320, "data": data.rstrip("=")}
            await share_file(eve, picture, lambda _size: None, name=name, members=members)


@pytest.mark.parametrize("look", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_pictures_of_a_folder_are_seen_in_its_list(
    member: Callable[..., Member], tmp_path: Path, look: dict[str, Any]
):
    zoe, ben = member(), member(look)
    # What is seen is the thumbnails: nothing of the pictures can be fetched.
    ben.context.route("**/chunks/*", lambda _route: None)
    zoe.join("Zoë")
    ben.join("Ben")
    photos = tmp_path / "photos"
    (photos / "May").mkdir(parents=True)
    for name in ("Dusk.png", "May/Evening.png"):
        make_roomy_picture(photos / name)
    (photos / "notes.txt").write_text("the first two of May")
    (photos / "wrong.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(40_000))
    zoe.page.locator(FOLDERS).set_input_files(photos)
    card = ben.content("photos")
    card.get_by_text("4 files ·").wait_for()
    card.get_by_role("button", name="Show files").click()
    images = card.locator("li img")
    wait_until(
        lambda: images.evaluate_all(PATHS) == ["Dusk.png", "May/Evening.png"], "they are seen"
    )
    sides = images.first.evaluate("image => [image.naturalWidth, image.width, image.height]")
    assert sides == [320, 40, 40]
    take_pictures((f"rows-{look['viewport']['height']}", ben))


def test_those_of_a_long_list_are_held_where_it_is_seen(
    place: Place, member: Callable[..., Member], tmp_path: Path
):
    ben = member()
    ben.join("Ben")
    picture = tmp_path / "small.png"
    picture.write_bytes(small_square(16))
    with ThreadPoolExecutor(1) as apart:  # the browser is driven by a loop of this thread
        apart.submit(lambda: asyncio.run(share_many(place.server.url, picture))).result()
    card = ben.content("photos")
    card.get_by_text(f"{MANY} files ·").wait_for()
    card.get_by_role("button", name="Show files").click()
    images = card.locator("li img")
    for name in (f"{MANY - 1:03}.png", "000.png"):
        ben.content(name).scroll_into_view_if_needed()
        ben.content(name).locator("img:visible").wait_for()
        assert images.count() < MANY * 0.75
