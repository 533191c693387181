"""The product's main job in Firefox and in WebKit, with the saving path that each has."""

from __future__ import annotations

import asyncio
import base64
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from sharethings.client.contents import Content
from sharethings.client.server import Server as Address
from sharethings.client.session import Session
from tests.e2e.test_folders import make_tree, unzip
from tests.engines.engine import PASSPHRASE, Visitor
from tests.files import MIB, make_file, make_roomy_picture, sha256_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engines.engine import Engine
    from tests.programs import Server
    from tests.proxy import Proxy

SESSION = "Balcony garden"


def test_a_text_is_shared(visitor: Visitor):
    visitor.join(SESSION, "Zoë")
    visitor.say("Höhe & Tiefe")
    visitor.sees("Höhe & Tiefe")


def test_files_that_are_saved_in_one_moment_come_back_as_they_were(
    visitor: Visitor, tmp_path: Path
):
    visitor.join(SESSION, "Zoë")
    names = ("Timelapse.mp4", "Sunset.mp4")  # too large to pass through memory
    digests = [make_file(tmp_path / name, 60 * MIB) for name in names]
    for name in names:
        visitor.share(tmp_path / name)
    for name in names:
        visitor.has_complete(name)
    visitor.saves_streams_alone()
    visitor.save_at_once({name: tmp_path / f"saved {name}" for name in names})
    assert [sha256_of(tmp_path / f"saved {name}") for name in names] == digests


def test_an_interrupted_upload_goes_on(engine: Engine, place: Server, line: Proxy, tmp_path: Path):
    visitor = Visitor(engine, line.url)
    visitor.join(SESSION, "Zoë")
    digest = make_file(tmp_path / "Timelapse.mp4", 100 * MIB)
    visitor.share(tmp_path / "Timelapse.mp4")
    visitor.is_sending("Timelapse.mp4", 40)
    place.restart()
    line.bytes_per_second = None
    visitor.has_complete("Timelapse.mp4")
    assert line.sent_bytes < 120 * MIB  # what was under way went twice, what had come once
    visitor.save("Timelapse.mp4", tmp_path / "saved.mp4")
    assert sha256_of(tmp_path / "saved.mp4") == digest


def test_an_upload_goes_on_after_a_reload(engine: Engine, line: Proxy, tmp_path: Path):
    visitor = Visitor(engine, line.url)
    visitor.join(SESSION, "Zoë")
    digest = make_file(tmp_path / "Timelapse.mp4", 100 * MIB)
    visitor.share(tmp_path / "Timelapse.mp4")
    visitor.is_sending("Timelapse.mp4")
    visitor.reload(SESSION, "Zoë")
    line.bytes_per_second = None
    visitor.choose_again("Timelapse.mp4", tmp_path / "Timelapse.mp4")
    visitor.has_complete("Timelapse.mp4")
    assert 0 < visitor.chunks_asked() < 100
    assert visitor.look("return document.querySelectorAll('article').length;") == 1
    visitor.save("Timelapse.mp4", tmp_path / "saved.mp4")
    assert sha256_of(tmp_path / "saved.mp4") == digest


def test_a_folder_is_listed_and_saved_one_by_one_and_as_a_zip(visitor: Visitor, tmp_path: Path):
    visitor.join(SESSION, "Zoë")
    files = make_tree(tmp_path / "photos")
    visitor.share_folder(tmp_path / "photos")
    visitor.sees("5 files · 3.2 MB")
    visitor.has_complete("photos", "Save as zip")
    visitor.press("Show files")
    rows = "return [...document.querySelectorAll('li article')].map((row) => row.ariaLabel);"
    assert visitor.look(rows) == sorted(name.removeprefix("photos/") for name in files)
    for path in ("sub/deep/größe 🌻.txt", "sub/large.bin", "z.bin"):
        visitor.save(path, tmp_path / "saved")
        assert (tmp_path / "saved").read_bytes() == files[f"photos/{path}"]
    visitor.save_zip("photos", tmp_path / "photos.zip")
    assert unzip(tmp_path / "photos.zip") == files


async def thumb_in(url: str) -> dict[str, object]:
    """Join, and give the thumbnail of the session's only content as its sender sealed it."""
    async with await Session.open(Address(url), SESSION, "Tia", PASSPHRASE) as tia:
        (content,) = tia.state.ordered()
        assert isinstance(content, Content)
        thumb: dict[str, object] = content.members["thumb"]
        return thumb


def test_a_picture_is_sent_with_a_thumbnail(visitor: Visitor, place: Server, tmp_path: Path):
    visitor.join(SESSION, "Zoë")
    make_roomy_picture(tmp_path / "Evening.png")
    visitor.share(tmp_path / "Evening.png")
    visitor.has_complete("Evening.png")
    with ThreadPoolExecutor(1) as apart:  # some engines are driven by a loop of this thread
        thumb = apart.submit(lambda: asyncio.run(thumb_in(place.url))).result()
    assert [thumb["width"], thumb["height"]] == [1800, 1200]
    drawn = base64.urlsafe_b64decode(f"{thumb['data']}===")
    assert drawn.startswith((b"RIFF", b"\xff\xd8\xff"))  # JPEG where no WebP is written
    assert 100 < len(drawn) <= 8 * 1024
