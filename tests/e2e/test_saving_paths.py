"""Each way to save that browsers have, with the files that Chromium really writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.files import MIB, make_file, sha256_of
from tests.programs import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Download, Route

    from tests.e2e.conftest import Member

FILE_BYTES = 3 * MIB
MEMORY_SAVE_MAX_BYTES = 50 * MIB
NAME = "film.mkv"

# What the dialog gives, but in the page's own storage. It has made the file by then, as browsers
# do, unless there was one.
CHOOSING = """() => {
  window.showSaveFilePicker = async ({suggestedName}) =>
    (await navigator.storage.getDirectory()).getFileHandle(suggestedName, {create: true});
}"""
NO_DIALOG = "delete window.showSaveFilePicker"
NO_WORKER = "delete Navigator.prototype.serviceWorker"
NO_PRIVATE_FILES = "delete FileSystemFileHandle.prototype.createWritable"
WRITE_OLD = """async (name) => {
  const root = await navigator.storage.getDirectory();
  const writable = await (await root.getFileHandle(name, {create: true})).createWritable();
  await writable.write('old');
  await writable.close();
}"""
FILES = """async () => {
  const found = {};
  const walk = async (folder, path) => {
    for await (const [name, handle] of folder.entries()) {
      if (handle.kind === 'directory') await walk(handle, `${path}${name}/`);
      else {
        const bytes = await (await handle.getFile()).arrayBuffer();
        const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
        found[path + name] = [...digest].map((one) => one.toString(16).padStart(2, '0')).join('');
      }
    }
  };
  await walk(await navigator.storage.getDirectory(), '');
  return found;
}"""
OLD = "cba06b5736faf67e54b07b561eae94395e774c517a7d910a54369e1263ccfbd4"
"""The SHA-256 of the word."""


def share(member: Member, file: Path, size: int = FILE_BYTES) -> tuple[str, Any]:
    """Share a file; gives its SHA-256 and the button that saves it."""
    digest = make_file(file, size)
    member.share(file)
    save = member.content(file.name).get_by_role("button", name="Save")
    save.wait_for()
    return digest, save


def test_a_content_is_saved_in_each_way(member: Callable[..., Member], tmp_path: Path):
    zoe = member()
    zoe.join("Zoë")
    digest, save = share(zoe, tmp_path / NAME)

    zoe.page.evaluate(CHOOSING)
    save.click()
    zoe.page.get_by_text(f"Saved {NAME}.").wait_for()
    assert zoe.page.evaluate(FILES) == {NAME: digest}

    zoe.page.evaluate(NO_DIALOG)
    zoe.page.evaluate(NO_WORKER)
    zoe.save(NAME, tmp_path / "private")
    assert sha256_of(tmp_path / "private") == digest
    # The browser reads it from there, on its own time.
    assert list(zoe.page.evaluate(FILES).values()) == [digest, digest]

    zoe.page.evaluate(NO_PRIVATE_FILES)
    zoe.save(NAME, tmp_path / "memory")
    assert sha256_of(tmp_path / "memory") == digest
    assert len(zoe.page.evaluate(FILES)) == 2

    # Too much for memory.
    got: list[Download] = []
    zoe.page.on("download", lambda download: got.append(download))  # noqa: PLW0108 - it is marked
    _, save = share(zoe, tmp_path / "long.mkv", MEMORY_SAVE_MAX_BYTES)
    save.click()
    zoe.content("long.mkv").get_by_text("Use a newer one or the terminal.").wait_for()
    assert zoe.page.get_by_text("Saved long.mkv.").count() == 0
    assert got == []


def save_until(member: Member, index: int) -> Route:
    """Save, up to a chunk that is asked for and does not come; gives its request."""
    held: list[Route] = []
    member.context.route(
        f"**/chunks/{index}",
        lambda route: held.append(route),  # noqa: PLW0108 - it is marked
        times=1,
    )
    member.content(NAME).get_by_role("button", name="Save").click()
    member.content(NAME).get_by_text("%").wait_for()
    wait_until(lambda: member.page.evaluate("1") == 1 and held, f"chunk {index} is asked for")
    return held[0]


def cancel(member: Member) -> None:
    """Save the most of it, and stop that."""
    held = save_until(member, 2)
    card = member.content(NAME)
    card.get_by_role("button", name="Cancel").click()
    card.get_by_role("button", name="Save").wait_for()
    held.abort()


def test_what_is_not_saved_to_its_end_leaves_no_half(member: Callable[..., Member], tmp_path: Path):
    zoe = member()
    zoe.join("Zoë")
    share(zoe, tmp_path / NAME)
    full = zoe.content(NAME).get_by_text("Make space on your disk and save again.")

    zoe.page.evaluate(CHOOSING)
    cancel(zoe)
    assert zoe.page.evaluate(FILES) == {}
    zoe.page.evaluate(WRITE_OLD, NAME)
    cancel(zoe)
    assert zoe.page.evaluate(FILES) == {NAME: OLD}

    disk = {"origin": zoe.page.evaluate("location.origin"), "quotaSize": 2 * MIB}
    zoe.context.new_cdp_session(zoe.page).send("Storage.overrideQuotaForOrigin", disk)
    for way in (CHOOSING, f"{NO_DIALOG}, {NO_WORKER}"):
        zoe.page.evaluate(way)
        save_until(zoe, 0).continue_()
        full.wait_for()
        assert zoe.page.evaluate(FILES) == {NAME: OLD}
