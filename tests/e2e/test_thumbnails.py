"""Thumbnails of pictures, made by their sender: seen before the pictures themselves."""

from __future__ import annotations

import asyncio
import base64
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from sharethings.client.server import Server as Address
from sharethings.client.session import Session
from sharethings.client.upload import share_file
from tests.e2e.conftest import DESKTOP, PASSPHRASE, PHONE, SESSION, Member, Place
from tests.e2e.test_going_on import Held
from tests.e2e.test_session import take_pictures
from tests.files import ROOMY_BYTES, make_roomy, make_roomy_picture, png_part
from tests.programs import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

THUMB_SIDE = 320
"""Pixels (client/src/store/thumb.ts)."""
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" ><rect/></svg>'
DRAW = """([width, height, mime]) => {
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const context = canvas.getContext('2d');
  context.fillStyle = 'rgb(200, 0, 0)';
  context.fillRect(0, 0, width / 2, height);
  return canvas.toDataURL(mime, 0.9).split(',')[1];
}"""
CORNERS = """async (image) => {
  await image.decode();
  const { naturalWidth: width, naturalHeight: height } = image;
  const context = new OffscreenCanvas(width, height).getContext('2d');
  context.drawImage(image, 0, 0);
  const at = (x, y) => [...context.getImageData(x, y, 1, 1).data];
  return [width, height, at(2, 2), at(width - 3, 2), at(2, height - 3)];
}"""


def draw(member: Member, width: int, height: int, mime: str) -> bytes:
    """Draw a picture with a red left half; of JPEG the rest is black, of PNG transparent."""
    return base64.b64decode(member.page.evaluate(DRAW, [width, height, mime]))


def turned(jpeg: bytes) -> bytes:
    """Say in EXIF that a picture is to be turned clockwise (orientation 6), with much behind it."""
    entry = struct.pack(">HHIHH", 0x0112, 3, 1, 6, 0)
    exif = b"Exif\0\0MM\0*" + struct.pack(">IH", 8, 1) + entry + bytes(4)
    comment = bytes(ROOMY_BYTES)
    return b"".join(
        (
            jpeg[:2],
            b"\xff\xe1" + struct.pack(">H", 2 + len(exif)) + exif,
            b"\xff\xfe" + struct.pack(">H", 2 + len(comment)) + comment,
            jpeg[2:],
        )
    )


def drawn_in(card: Any) -> Any:
    """Give the picture of a card, once it is its thumbnail and drawn."""
    image = card.locator("img[src^='data:image/webp']")
    image.wait_for()
    return image


@pytest.mark.parametrize("look", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_it_is_seen_at_once_and_the_picture_comes_into_its_place(
    member: Callable[..., Member], tmp_path: Path, look: dict[str, Any]
):
    zoe, ben = member(DESKTOP), member({**look, "device_scale_factor": 2})
    zoe.join("Zoë Martin")
    ben.join("Ben")
    picture = tmp_path / "Evening from the balcony.png"
    make_roomy_picture(picture)
    held = Held(zoe, 0)
    zoe.share(picture)
    held.wait()
    for one in (zoe, ben):
        image = drawn_in(one.content(picture.name))
        assert image.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [320, 213]
    card = ben.content(picture.name)
    card.get_by_text("Still being sent").wait_for()
    ben.say("Look how clear it is tonight.")
    below = ben.page.get_by_text("Look how clear")
    below.wait_for()
    place = image.bounding_box()
    assert abs(place["width"] / place["height"] - 1.5) < 0.01
    name = "phone" if look is PHONE else "desktop"
    take_pictures((f"thumb-{name}", ben), (f"thumb-sender-{name}", zoe))
    held.release()
    shown = card.locator("img[src^='blob:']")
    wait_until(
        lambda: shown.count() == 1 and shown.evaluate("image => image.naturalWidth") == 1800,
        "the picture itself is there",
    )
    assert shown.bounding_box()["height"] == place["height"]
    assert shown.bounding_box()["width"] == place["width"]
    take_pictures((f"picture-{name}", ben))


def test_it_stays_with_its_picture_whatever_its_name_is(
    member: Callable[..., Member], tmp_path: Path
):
    zoe, ada = member(), member()
    zoe.join("Zoë")
    picture = tmp_path / "Evening.png"
    make_roomy_picture(picture)
    zoe.share(picture)
    card = zoe.content(picture.name)
    card.get_by_role("button", name="Pin").click()
    card.get_by_text("Pinned").wait_for()
    card.get_by_role("button", name="Rename").click()
    zoe.page.get_by_role("dialog").get_by_role("textbox").fill("Dusk.png")
    zoe.page.get_by_role("dialog").get_by_role("button", name="Rename").click()
    zoe.content("Dusk.png").wait_for()
    ada.context.route("**/chunks/*", lambda _route: None)
    ada.join("Ada")
    drawn_in(ada.content("Dusk.png"))


def test_it_is_upright_and_lets_through_what_is_transparent(
    member: Callable[..., Member], tmp_path: Path
):
    zoe, ben = member(), member()
    zoe.join("Zoë")
    ben.join("Ben")
    ben.context.route("**/chunks/*", lambda _route: None)
    photo, sign = tmp_path / "photo.jpg", tmp_path / "sign.png"
    photo.write_bytes(turned(draw(zoe, 800, 400, "image/jpeg")))
    sign.write_bytes(make_roomy(draw(zoe, 640, 640, "image/png")))
    zoe.share(photo, sign)

    width, height, left, right, lower = drawn_in(ben.content(photo.name)).evaluate(CORNERS)
    assert [width, height] == [THUMB_SIDE // 2, THUMB_SIDE]
    # What was its left half is above.
    assert min(left[0], right[0]) > 180
    assert lower[0] < 20
    width, height, left, right, _ = drawn_in(ben.content(sign.name)).evaluate(CORNERS)
    assert [width, height] == [THUMB_SIDE, THUMB_SIDE]
    assert left[3] == 255
    assert right[3] == 0


def small_square(side: int) -> bytes:
    """Give a white PNG of one bit a pixel: thousands of pixels a side in 8 KiB."""
    rows = (b"\0" + b"\xff" * (side // 8)) * side
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_part(*part) for part in parts)


async def send_with(thumb: bytes, url: str, picture: Path) -> None:
    """Share a picture from a terminal, with any bytes as its thumbnail."""
    data = base64.urlsafe_b64encode(thumb).decode().rstrip("=")
    members = {"thumb": {"width": 1800, "height": 1200, "data": data}}
    async with await Session.open(Address(url), SESSION, "Eve", PASSPHRASE) as eve:
        await share_file(eve, picture, lambda _size: None, members=members)


@pytest.mark.parametrize(
    ("thumb", "is_shown"),
    [
        (small_square(320), True),
        (small_square(328), False),
        (small_square(4096), False),
        (SVG, False),
        (small_square(320)[:12] + bytes(90), False),
    ],
    ids=["small", "wide", "huge", "svg", "broken"],
)
def test_one_that_is_none_is_not_shown(
    place: Place, member: Callable[..., Member], tmp_path: Path, thumb: bytes, *, is_shown: bool
):
    ben = member()
    ben.context.route("**/chunks/*", lambda _route: None)
    ben.join("Ben")
    picture = tmp_path / "Evening.png"
    make_roomy_picture(picture)
    with ThreadPoolExecutor(1) as apart:  # the browser is driven by a loop of this thread
        apart.submit(lambda: asyncio.run(send_with(thumb, place.server.url, picture))).result()
    card = ben.content(picture.name)
    card.get_by_role("button", name="Save").wait_for()
    if is_shown:
        card.get_by_role("img").wait_for()
        return
    card.get_by_text("Opening the picture…").wait_for()
    assert card.get_by_role("img").count() == 0
