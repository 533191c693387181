"""Browser and terminal are members of the same session, through HAProxy."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from tests.files import MIB, make_file, sha256_of
from tests.programs import STOP_SECONDS, wait_until
from tests.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.e2e.conftest import Member, Place


def test_what_one_shares_the_other_saves(
    place: Place, member: Callable[..., Member], tmp_path: Path
):
    tia = Terminal(place.url, ca_file=place.haproxy.ca_file)
    log = tmp_path / "build.log"
    digest = make_file(log, 5 * MIB + 17)
    tia.do("share", log)
    tia.do("share", "--text", "built ✓")
    zoe = member()
    zoe.join("Zoë")
    zoe.page.get_by_text("built ✓").wait_for()
    saved = tmp_path / "saved.log"
    zoe.save(log.name, saved)
    assert sha256_of(saved) == digest

    zoe.say("thanks, Tia")
    photo = tmp_path / "photo.bin"
    digest = make_file(photo, 20 * MIB)
    zoe.share(photo)
    zoe.content(photo.name).get_by_role("button", name="Save").wait_for()
    assert [content["name"] for content in tia.list()][-1] == photo.name
    tia.do("get", "latest", "-o", tmp_path / "got.bin")
    assert sha256_of(tmp_path / "got.bin") == digest
    text = next(one["id"] for one in tia.list() if one["kind"] == "text" and one["sender"] == "Zoë")
    assert tia.do("get", text) == b"thanks, Tia\n"


def test_a_stream_is_saved_while_it_is_written(
    place: Place, member: Callable[..., Member], tmp_path: Path
):
    tia = Terminal(place.url, ca_file=place.haproxy.ca_file)
    tia.do("share", "--text", "before")
    sharing = tia.start("share", "-", "--name", "log", stdin=subprocess.PIPE)
    assert sharing.stdin is not None
    first, second = b"one\n" * 100_000, b"two\n" * 10_000
    sharing.stdin.write(first)
    sharing.stdin.flush()
    zoe = member()
    fetched: list[str] = []
    zoe.page.on("requestfinished", lambda request: fetched.append(request.url))
    zoe.join("Zoë")
    with zoe.page.expect_download() as saving:
        zoe.content("log").get_by_role("button", name="Save").click()
    wait_until(
        lambda: zoe.page.evaluate("1") and any("/chunks/" in url for url in fetched),
        "a chunk is fetched before the stream ends",
    )
    sharing.stdin.write(second)
    sharing.stdin.close()
    saving.value.save_as(tmp_path / "log")
    assert (tmp_path / "log").read_bytes() == first + second
    assert sharing.wait(STOP_SECONDS) == 0
    sharing.stdin = None
    sharing.communicate()


def test_damage_is_shown_and_healed_by_the_same_file(
    place: Place, member: Callable[..., Member], tmp_path: Path
):
    tia = Terminal(place.url, ca_file=place.haproxy.ca_file)
    log, saved = tmp_path / "build.log", tmp_path / "saved.log"
    digest = make_file(log, 3 * MIB)
    tia.do("share", log)
    zoe = member()
    zoe.join("Zoë")
    save = zoe.content(log.name).get_by_role("button", name="Save")
    save.wait_for()
    (chunk,) = place.server.data_directory.glob("sessions/*/*/1.bin")
    data = bytearray(chunk.read_bytes())
    data[77] ^= 8
    chunk.write_bytes(data)
    save.click()
    ada = member()
    ada.join("Ada")
    for one in (zoe, ada):
        one.content(log.name).get_by_text("Whoever has the file can share it again").wait_for()
    tia.do("share", log, "--name", "again.log")
    ada.content(log.name).get_by_role("button", name="Save").wait_for()
    ada.save(log.name, saved)
    assert sha256_of(saved) == digest


def test_a_name_that_climbs_out_is_saved_safely(
    place: Place, member: Callable[..., Member], tmp_path: Path
):
    tia = Terminal(place.url, ca_file=place.haproxy.ca_file)
    tia.do("share", "-", "--name", "../../.bashrc", given=b"alias ls=rm\n" * 3000)
    zoe = member()
    zoe.join("Zoë")
    with zoe.page.expect_download() as download:
        zoe.page.get_by_role("article").get_by_role("button", name="Save").click()
    suggested = download.value.suggested_filename
    assert suggested.endswith("bashrc")
    assert not suggested.startswith(".")
    assert "/" not in suggested
    folder = tmp_path / "folder"
    folder.mkdir()
    tia.do("get", "latest", "-o", folder)
    assert [path.name for path in folder.iterdir()] == ["bashrc"]
