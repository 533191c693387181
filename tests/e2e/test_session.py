"""The product's main job in real browsers, through real HAProxy over TLS."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.e2e.conftest import DESKTOP, PASSPHRASE, PHONE, SESSION, Member, Place
from tests.files import MIB, make_file, make_picture, sha256_of

if TYPE_CHECKING:
    from collections.abc import Callable


def take_pictures(*members: tuple[str, Member]) -> None:
    """Keep screenshots when SHARETHINGS_SCREENSHOTS names a folder for them."""
    folder = os.environ.get("SHARETHINGS_SCREENSHOTS")
    if folder:
        for name, member in members:
            member.page.screenshot(path=Path(folder) / f"{name}.png")


@pytest.mark.timed
def test_who_is_there_sees_it_within_a_second(
    place: Place, member: Callable[..., Member], tmp_path: Path
):
    zoe, ben = member(), member(PHONE)
    zoe.join("Zoë Martin")
    ben.join("Ben")
    zoe.say("Plans for the balcony: https://example.org/plans")
    ben.page.get_by_text("Plans for the balcony").wait_for(timeout=1000)
    ben.say("Lovely!\nThe evening picture comes next.")
    zoe.page.get_by_text("The evening picture").wait_for(timeout=1000)
    picture = tmp_path / "Evening from the balcony.png"
    make_picture(picture)
    zoe.share(picture)
    shown = ben.page.get_by_role("img", name=picture.name)
    shown.wait_for(timeout=1000)
    assert shown.evaluate("image => image.decode().then(() => image.naturalWidth)") == 900


def test_two_share_live_and_a_third_finds_it_all(
    place: Place, member: Callable[..., Member], tmp_path: Path
):
    zoe, ben = (
        member({**DESKTOP, "device_scale_factor": 2}),
        member({**PHONE, "device_scale_factor": 2}),
    )
    zoe.join("Zoë Martin")
    take_pictures(("empty", zoe))
    ben.join("Ben")
    zoe.page.get_by_role("complementary").get_by_text("Ben").wait_for()

    zoe.say("Plans for the balcony: https://example.org/plans")
    ben.page.get_by_text("Plans for the balcony").wait_for()
    ben.say("Lovely!\nThe evening picture comes next.")
    zoe.page.get_by_text("The evening picture").wait_for()
    picture = tmp_path / "Evening from the balcony.png"
    make_picture(picture)
    zoe.share(picture)
    ben.page.get_by_role("img", name=picture.name).wait_for()

    big = tmp_path / "Timelapse.mp4"
    digest = make_file(big, 300 * MIB)
    zoe.share(big)
    coming = ben.content(big.name).get_by_text("Still being sent")
    coming.wait_for()
    take_pictures(("sending", zoe), ("receiving", ben))
    coming.wait_for(state="detached", timeout=90_000)
    take_pictures(("session", zoe), ("phone", ben))
    saved = tmp_path / "saved.mp4"
    ben.save(big.name, saved)
    assert sha256_of(saved) == digest

    late = member()
    late.join("Ada")
    names = late.page.get_by_role("article")
    late.content(big.name).wait_for()
    assert [names.nth(at).get_attribute("aria-label") for at in range(names.count())] == [
        "Text from Zoë Martin",
        "Text from Ben",
        picture.name,
        big.name,
    ]


def test_both_go_on_by_themselves_after_a_killed_server(
    place: Place, member: Callable[..., Member], tmp_path: Path
):
    zoe, ben = member(), member()
    zoe.join("Zoë")
    ben.join("Ben")
    file = tmp_path / "build.tar"
    digest = make_file(file, 200 * MIB)
    zoe.share(file)
    zoe.content(file.name).get_by_text("Sending").wait_for()
    coming = ben.content(file.name).get_by_text("Still being sent")
    coming.wait_for()
    place.server.kill()
    zoe.page.get_by_text("Connection lost").first.wait_for()
    place.server.start()
    zoe.content(file.name).get_by_role("button", name="Save").wait_for(timeout=90_000)
    coming.wait_for(state="detached")
    saved = tmp_path / "saved.tar"
    ben.save(file.name, saved)
    assert sha256_of(saved) == digest
    zoe.say("still here")
    ben.page.get_by_text("still here").wait_for()
    assert ben.page.get_by_role("article").count() == 2


def test_a_wrong_passphrase_is_refused_with_its_sentence(member: Callable[..., Member]):
    zoe, stranger = member(), member()
    zoe.join("Zoë")
    stranger.fill(SESSION, "Mallory", "not the passphrase of it")
    stranger.page.get_by_role("alert").get_by_text("Wrong passphrase").wait_for()
    stranger.fill(SESSION, "Mallory", PASSPHRASE)
    stranger.page.get_by_role("textbox", name="Message").wait_for()


def test_a_short_passphrase_makes_no_session(member: Callable[..., Member]):
    zoe = member()
    zoe.fill("nowhere", "Zoë", "short")
    zoe.page.get_by_role("alert").get_by_text("at least 12 characters").wait_for()


def test_members_see_each_change(member: Callable[..., Member], tmp_path: Path):
    zoe, ben = member(), member()
    zoe.join("Zoë")
    ben.join("Ben")
    file = tmp_path / "old name.txt"
    file.write_text("watering can")
    zoe.share(file)
    card = ben.content(file.name)
    card.get_by_role("button", name="Rename").click()
    ben.page.get_by_role("textbox", name="New name").fill("new name.txt")
    ben.page.get_by_role("dialog").get_by_role("button", name="Rename").click()
    zoe.content("new name.txt").get_by_role("button", name="Pin").click()
    ben.content("new name.txt").get_by_text("Pinned").wait_for()
    ben.content("new name.txt").get_by_role("button", name="Remove").click()
    ben.page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    zoe.page.get_by_text("Nothing here yet").wait_for()
    zoe.say("one")
    ben.say("two")
    zoe.page.get_by_text("two").wait_for()
    zoe.page.get_by_role("button", name="Clear all").click()
    dialog = zoe.page.get_by_role("dialog")
    assert dialog.get_by_role("button", name="Remove everything").is_disabled()
    dialog.get_by_role("textbox").fill(SESSION)
    dialog.get_by_role("button", name="Remove everything").click()
    ben.page.get_by_text("Nothing here yet").wait_for()
    ben.page.get_by_role("button", name="Leave").click()
    ben.page.get_by_role("button", name="Join or create").wait_for()
    zoe.page.get_by_role("complementary").get_by_text("1 member").wait_for()


def test_what_is_written_off_line_goes_out_by_itself(member: Callable[..., Member]):
    zoe, ben = member(), member()
    zoe.join("Zoë")
    ben.join("Ben")
    ben.say("before")
    zoe.page.get_by_text("before").wait_for()
    zoe.context.set_offline(True)
    zoe.page.evaluate("dispatchEvent(new Event('offline'))")
    zoe.say("written off line")
    zoe.page.get_by_text("Connection lost").first.wait_for(timeout=60_000)
    zoe.context.set_offline(False)
    ben.page.get_by_text("written off line").wait_for(timeout=60_000)
    assert ben.page.get_by_text("written off line").count() == 1


def test_plain_http_from_another_machine_says_what_to_do(
    place: Place, member: Callable[..., Member]
):
    stranger = member(url=f"http://share.example:{place.server.port}")
    stranger.page.goto(stranger.url)
    stranger.page.get_by_role("alert").get_by_text("needs a secure connection").wait_for()
    assert stranger.page.get_by_role("textbox").count() == 0
    # Chromium says that it ignores a header there: that is what the page is about.
    assert "Cross-Origin-Opener-Policy" in stranger.faults.pop()


def test_a_name_that_is_too_long_is_refused(member: Callable[..., Member]):
    zoe = member()
    zoe.fill("é" * 150, "Zoë", PASSPHRASE)
    zoe.page.get_by_role("alert").get_by_text("1 to 255 bytes").wait_for()
    zoe.join("Zoë", session="\u202egarden\u202c" + "x" * 240)
    assert zoe.page.url == f"{zoe.url}/"


def test_the_page_forgets_the_passphrase(member: Callable[..., Member]):
    zoe = member()
    zoe.join("Zoë")
    zoe.say("watering can")
    zoe.page.get_by_text("watering can").wait_for()
    inspector = zoe.context.new_cdp_session(zoe.page)
    pieces: list[str] = []
    inspector.on("HeapProfiler.addHeapSnapshotChunk", lambda event: pieces.append(event["chunk"]))
    inspector.send("HeapProfiler.collectGarbage")
    inspector.send("HeapProfiler.takeHeapSnapshot", {"reportProgress": False})
    heap = "".join(pieces)
    assert SESSION in heap
    assert PASSPHRASE not in heap


def test_a_tampered_chunk_is_not_saved(place: Place, member: Callable[..., Member], tmp_path: Path):
    zoe = member()
    zoe.join("Zoë")
    file = tmp_path / "ledger.bin"
    make_file(file, 3 * MIB)
    zoe.share(file)
    zoe.content(file.name).get_by_role("button", name="Save").wait_for()
    chunk = next(place.server.data_directory.glob("sessions/*/*/1.bin"))
    data = bytearray(chunk.read_bytes())
    data[1000] ^= 1
    chunk.write_bytes(data)
    with zoe.page.expect_download() as download:
        zoe.content(file.name).get_by_role("button", name="Save").click()
    assert download.value.failure() is not None
    zoe.page.get_by_text("damaged").first.wait_for()


def test_who_makes_a_session_by_its_name_is_told_so(member: Callable[..., Member]):
    zoe, ben = member(), member()
    zoe.join("Zoë", session="gardne")
    zoe.page.get_by_text("You have just made the session gardne.").wait_for()
    ben.join("Ben", session="gardne")
    ben.page.get_by_text("Nothing here yet").wait_for()
    assert ben.page.get_by_text("just made").count() == 0
