"""Folders between browsers and terminals: with their structure, and as one zip file."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

from tests.e2e.test_going_on import Held
from tests.files import MIB, make_file
from tests.programs import wait_until
from tests.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.e2e.conftest import Member, Place

FOLDERS = "form input[webkitdirectory]"


def make_tree(root: Path) -> dict[str, bytes]:
    """Make a folder; gives the bytes of its files, by their paths from the folder's name on."""
    files = {
        "a.txt": b"a",
        "sub/a.txt": b"b" * 20_000,
        "sub/deep/größe 🌻.txt": b"c" * 70_000,
        "z.bin": b"",
    }
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    make_file(root / "sub" / "large.bin", 3 * MIB)
    files["sub/large.bin"] = (root / "sub" / "large.bin").read_bytes()
    return {f"{root.name}/{name}": data for name, data in files.items()}


def unzip(path: Path) -> dict[str, bytes]:
    """Read a zip file; every check sum is compared."""
    with zipfile.ZipFile(path) as found:
        return {name: found.read(name) for name in found.namelist()}


def save_zip(member: Member, name: str, button: str, path: Path) -> str:
    """Save a folder as a zip file; gives the name that it was offered under."""
    with member.page.expect_download() as download:
        member.content(name).get_by_role("button", name=button).click()
    download.value.save_as(path)
    return download.value.suggested_filename


def drop(member: Member, *paths: Path) -> None:
    """Drop files and folders on the page, as a file manager does."""
    devtools = member.context.new_cdp_session(member.page)
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    for step in ("dragEnter", "dragOver", "drop"):
        devtools.send("Input.dispatchDragEvent", {"type": step, "x": 300, "y": 300, "data": data})


def files_in(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()
    }


def test_the_terminal_gets_what_the_browser_shared(
    place: Place, member: Callable[..., Member], tmp_path: Path
):
    zoe, ben = member(), member()
    zoe.join("Zoë")
    ben.join("Ben")
    photos = tmp_path / "photos"
    files = make_tree(photos)
    make_file(photos / "sub" / "large.bin", 12 * MIB)
    files["photos/sub/large.bin"] = (photos / "sub" / "large.bin").read_bytes()
    held = Held(zoe, 9)
    zoe.page.locator(FOLDERS).set_input_files(photos)
    held.wait()
    card = zoe.content("photos")
    card.get_by_text("4 of 5 files are here").wait_for()
    bar = card.get_by_role("progressbar")  # drawn twice a second
    wait_until(lambda: 50 <= int(bar.get_attribute("aria-valuenow")) < 100, "most has been sent")
    ben.content("photos").get_by_text("Still being sent").wait_for()
    held.release()
    for one in (zoe, ben):
        one.content("photos").get_by_text("5 files · 12.7 MB").wait_for()
        one.content("photos").get_by_role("progressbar").wait_for(state="detached")
    tia = Terminal(place.url, ca_file=place.haproxy.ca_file)
    (group,) = {one["group"]["id"] for one in tia.list()}
    tia.do("get", group, "-o", tmp_path / "got")
    assert files_in(tmp_path / "got") == files
    assert save_zip(ben, "photos", "Save as zip", tmp_path / "a.zip") == "photos.zip"
    assert unzip(tmp_path / "a.zip") == files

    card.get_by_role("button", name="Remove").click()
    zoe.page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    ben.content("photos").wait_for(state="detached")
    assert tia.list() == []


def test_what_is_dropped_is_shared_with_its_structure(
    place: Place, member: Callable[..., Member], tmp_path: Path
):
    zoe = member()
    zoe.join("Zoë")
    photos, empty, note = tmp_path / "photos", tmp_path / "empty", tmp_path / "note.txt"
    files = make_tree(photos)
    (photos / "nothing").mkdir()
    empty.mkdir()
    note.write_text("beside them")
    drop(zoe, photos, note)
    zoe.content("photos").get_by_text("5 files").wait_for()
    zoe.content("note.txt").get_by_role("button", name="Save").wait_for()
    zoe.page.get_by_text("or cannot be read: photos/nothing.").wait_for()
    drop(zoe, empty)
    zoe.page.get_by_role("alert").get_by_text("There is no file in this folder.").wait_for()
    tia = Terminal(place.url, ca_file=place.haproxy.ca_file)
    (group,) = {one["group"]["id"] for one in tia.list() if "group" in one}
    tia.do("get", group, "-o", tmp_path / "got")
    assert files_in(tmp_path / "got") == files


def test_the_browser_saves_what_the_terminal_shared(
    place: Place, member: Callable[..., Member], tmp_path: Path
):
    tia = Terminal(place.url, ca_file=place.haproxy.ca_file)
    photos = tmp_path / "photos"
    files = make_tree(photos)
    tia.do("share", photos)
    tia.do("share", "--text", "all of them")
    zoe = member()
    zoe.join("Zoë")
    card = zoe.content("photos")
    card.get_by_text("5 files · 3.2 MB").wait_for()
    assert zoe.page.get_by_role("article").count() == 2
    assert save_zip(zoe, "photos", "Save as zip", tmp_path / "a.zip") == "photos.zip"
    assert unzip(tmp_path / "a.zip") == files
    zoe.page.get_by_text("Saved photos.zip.").wait_for()

    card.get_by_role("button", name="Show files").click()
    rows = card.get_by_role("list").get_by_role("article")
    assert [row.get_attribute("aria-label") for row in rows.all()] == sorted(
        name.removeprefix("photos/") for name in files
    )
    zoe.save("sub/a.txt", tmp_path / "one.txt")
    assert (tmp_path / "one.txt").read_bytes() == files["photos/sub/a.txt"]
    zoe.content("sub/a.txt").get_by_role("button", name="Remove").click()
    zoe.page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    card.get_by_text("4 of 5 files are here").wait_for()
    name = save_zip(zoe, "photos", "Save 4 as zip", tmp_path / "b.zip")
    assert name == "photos (4 of 5 files).zip"
    del files["photos/sub/a.txt"]
    assert unzip(tmp_path / "b.zip") == files


def test_a_file_that_fails_leaves_no_zip_and_is_named(
    place: Place, member: Callable[..., Member], tmp_path: Path
):
    tia = Terminal(place.url, ca_file=place.haproxy.ca_file)
    photos = tmp_path / "photos"
    make_tree(photos)
    tia.do("share", photos)
    zoe = member()
    zoe.join("Zoë")
    card = zoe.content("photos")
    card.get_by_text("5 files").wait_for()
    chunk = max(
        place.server.data_directory.glob("sessions/*/*/0.bin"), key=lambda one: one.stat().st_size
    )
    data = bytearray(chunk.read_bytes())
    data[77] ^= 8
    chunk.write_bytes(data)
    with zoe.page.expect_download() as download:
        card.get_by_role("button", name="Save as zip").click()
    card.get_by_role("alert").get_by_text("because of large.bin").wait_for()
    assert download.value.failure() is not None
    card.get_by_text("4 of 5 files are here").wait_for()
