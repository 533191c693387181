"""The same file shared twice in browsers: stored once, and whole again after damage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.files import MIB, make_file, sha256_of
from tests.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.e2e.conftest import Member, Place


def sent_by(member: Member) -> list[str]:
    """Give the chunks that a browser sends from now on, by their numbers."""
    sent: list[str] = []

    def note(method: str, url: str) -> None:
        if method == "PUT":
            sent.append(url.rsplit("/", 1)[-1])

    member.page.on("request", lambda request: note(request.method, request.url))
    return sent


def test_the_same_file_is_stored_once_whoever_shares_it(
    place: Place, member: Callable[..., Member], tmp_path: Path
):
    zoe, ben = member(), member()
    zoe.join("Zoë")
    ben.join("Ben")
    file, copy = tmp_path / "build.log", tmp_path / "copy.log"
    digest = make_file(file, 5 * MIB + 17)
    copy.write_bytes(file.read_bytes())
    zoe_sent, ben_sent = sent_by(zoe), sent_by(ben)
    zoe.share(file)
    zoe.content(file.name).get_by_role("button", name="Save").wait_for()
    assert sorted(zoe_sent) == ["0", "1", "2", "3", "4", "5"]
    ben.share(copy)
    zoe.content(copy.name).get_by_role("button", name="Save").wait_for()
    assert ben_sent == []
    tia = Terminal(place.url, ca_file=place.haproxy.ca_file)
    tia.do("share", file, "--name", "terminal.log")
    zoe.content("terminal.log").get_by_role("button", name="Save").wait_for()
    (blob,) = place.server.data_directory.glob("sessions/*/*/")
    assert len(list(blob.iterdir())) == 6

    # What is left of it stays whole when one of its contents goes.
    zoe.content(file.name).get_by_role("button", name="Remove").click()
    zoe.page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    zoe.content(file.name).wait_for(state="detached")
    saved = tmp_path / "saved.log"
    zoe.save(copy.name, saved)
    assert sha256_of(saved) == digest


def test_a_damaged_file_is_whole_again_when_somebody_shares_it(
    place: Place, member: Callable[..., Member], tmp_path: Path
):
    zoe, ben = member(), member()
    zoe.join("Zoë")
    ben.join("Ben")
    file, again = tmp_path / "photo.raw", tmp_path / "again.raw"
    digest = make_file(file, 3 * MIB)
    again.write_bytes(file.read_bytes())
    zoe.share(file)
    zoe.content(file.name).get_by_role("button", name="Save").wait_for()  # it is complete
    save = ben.content(file.name).get_by_role("button", name="Save")
    (chunk,) = place.server.data_directory.glob("sessions/*/*/1.bin")
    data = bytearray(chunk.read_bytes())
    data[77] ^= 8
    chunk.write_bytes(data)
    save.click()
    for one in (zoe, ben):
        one.content(file.name).get_by_text("Whoever has the file can share it again").wait_for()
    sent = sent_by(zoe)
    zoe.share(again)
    save.wait_for()
    assert sent == ["1"]
    saved = tmp_path / "saved.raw"
    ben.save(file.name, saved)
    assert sha256_of(saved) == digest
