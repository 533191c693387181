"""A save that is cut off by a reload goes on with the chunks that are not kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.conftest import Member
from tests.files import MIB, make_file, sha256_of
from tests.programs import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Download, Route


COUNT = 40
HALF = "Not saved yet: 21 MB of 41.9 MB are kept here."
KEPT = """() => new Promise((resolve, reject) => {
  const opening = indexedDB.open('kept');
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const reading = opening.result.transaction(['parts', 'chunks']);
    const counts = ['parts', 'chunks'].map(name => reading.objectStore(name).count());
    reading.oncomplete = () => resolve(counts.map(({result}) => result));
  };
})"""

CLOSED_DIALOG = """() => {
  window.showSaveFilePicker = () => {
    window.asked = true;
    return Promise.reject(new DOMException('', 'AbortError'));
  };
}"""
LATE_WORKER = """() => {
  const workers = navigator.serviceWorker;
  const register = workers.register.bind(workers);
  const late = new Promise((resolve) => { window.letGo = resolve; });
  workers.register = async (...given) => { await late; return register(...given); };
}"""
WORKS = """async () =>
  (await navigator.serviceWorker.getRegistrations()).some(({active}) => active !== null)"""


class Fetched:
    """The chunks that a browser asks for; those from one index on are held."""

    def __init__(self, member: Member, hold_from: int) -> None:
        """Begin to count."""
        self.indexes: list[int] = []
        self.hold_from = hold_from
        self.held = 0
        self.routes: list[Route] = []
        member.context.route("**/chunks/*", self._route)

    def _route(self, route: Route) -> None:
        index = int(route.request.url.rsplit("/", 1)[1])
        if index >= self.hold_from:
            self.held += 1
            self.routes.append(route)
        else:
            self.indexes.append(index)
            route.continue_()

    def release(self) -> None:
        """Let what is held go, and all that follows."""
        self.hold_from = COUNT
        for route in self.routes:
            route.continue_()
        self.routes.clear()


def cut_off(member: Callable[..., Member], tmp_path: Path) -> tuple[Member, Fetched, str]:
    """Save half of a file and reload the page; gives the file's SHA-256.

    The browser does not show what it has of it as finished: there is something to cancel.
    """
    zoe, ben = member(), member()
    zoe.join("Zoë")
    file = tmp_path / "build.tar"
    digest = make_file(file, COUNT * MIB)
    zoe.share(file)
    zoe.content(file.name).get_by_role("button", name="Save").wait_for(timeout=90_000)
    ben.join("Ben")
    fetched = Fetched(ben, COUNT // 2)
    with ben.page.expect_download() as download:
        ben.content(file.name).get_by_role("button", name="Save").click()
    wait_until(
        lambda: ben.page.evaluate(KEPT) == [1, COUNT // 2] and fetched.held > 0,
        "half of it is kept",
    )
    ben.page.reload()
    fetched.routes.clear()
    fetched.hold_from = COUNT
    ben.join("Ben")
    ben.content(file.name).get_by_text(HALF).wait_for()
    download.value.cancel()
    assert download.value.failure() == "canceled"
    return ben, fetched, digest


def test_a_save_goes_on_after_a_reload(member: Callable[..., Member], tmp_path: Path):
    ben, fetched, digest = cut_off(member, tmp_path)
    with ben.page.expect_download() as download:
        ben.content("build.tar").get_by_role("button", name="Go on").click()
    saved = tmp_path / "saved.tar"
    download.value.save_as(saved)
    assert sha256_of(saved) == digest
    # Every chunk crossed the network once.
    assert sorted(fetched.indexes) == list(range(COUNT))
    ben.page.get_by_text("Saved build.tar.").wait_for()
    ben.content("build.tar").get_by_role("button", name="Save").wait_for()
    assert ben.page.evaluate(KEPT) == [0, 0]


def test_what_is_kept_of_a_save_is_discarded(member: Callable[..., Member], tmp_path: Path):
    ben, _, _ = cut_off(member, tmp_path)
    ben.content("build.tar").get_by_role("button", name="Discard").click()
    ben.content("build.tar").get_by_role("button", name="Save").wait_for()
    wait_until(lambda: ben.page.evaluate(KEPT) == [0, 0], "nothing is kept")


def test_what_is_kept_stays_when_the_dialog_is_closed(
    member: Callable[..., Member], tmp_path: Path
):
    ben, _, _ = cut_off(member, tmp_path)
    ben.page.evaluate(CLOSED_DIALOG)
    ben.content("build.tar").get_by_role("button", name="Go on").click()
    wait_until(lambda: ben.page.evaluate("window.asked"), "the dialog was asked for")
    ben.content("build.tar").get_by_text(
        "Not saved yet: 21 MB of 41.9 MB are kept here."
    ).wait_for()
    assert ben.page.evaluate(KEPT) == [1, COUNT // 2]


def stop_worker(member: Member, _download: Download) -> None:
    """End the service worker, as Chromium does when it hears nothing for 30 s."""
    devtools = member.context.new_cdp_session(member.page)
    devtools.send("ServiceWorker.enable")
    devtools.send("ServiceWorker.stopAllWorkers")
    devtools.detach()


def stop_download(_member: Member, download: Download) -> None:
    """Cancel it where the browser shows it."""
    download.cancel()


@pytest.mark.parametrize("stop", [stop_download, stop_worker])
def test_a_download_that_the_browser_ends_is_kept_and_said(
    stop: Callable[[Member, Download], None], member: Callable[..., Member], tmp_path: Path
):
    ben, fetched, digest = cut_off(member, tmp_path)
    fetched.hold_from = COUNT // 2 + 4
    card = ben.content("build.tar")
    with ben.page.expect_download() as download:
        card.get_by_role("button", name="Go on").click()
    wait_until(lambda: ben.page.evaluate(KEPT) == [1, COUNT // 2 + 4], "more of it is kept")
    stop(ben, download.value)
    fetched.release()
    card.get_by_text("The browser ended the download.").wait_for()
    assert download.value.failure() is not None
    with ben.page.expect_download() as download:
        card.get_by_role("button", name="Go on").click()
    download.value.save_as(tmp_path / "saved.tar")
    assert sha256_of(tmp_path / "saved.tar") == digest


def test_a_save_is_cancelled_before_it_has_begun(member: Callable[..., Member], tmp_path: Path):
    zoe = member()
    zoe.join("Zoë")
    file = tmp_path / "build.tar"
    make_file(file, MIB)
    zoe.share(file)
    card = zoe.content(file.name)
    save = card.get_by_role("button", name="Save")
    save.wait_for()
    zoe.page.evaluate(LATE_WORKER)
    got: list[Download] = []
    zoe.page.on("download", lambda download: got.append(download))  # noqa: PLW0108 - it is marked
    save.click()
    card.get_by_role("button", name="Cancel").click()
    save.wait_for()
    zoe.page.evaluate("window.letGo()")
    wait_until(lambda: zoe.page.evaluate(WORKS), "the worker runs")
    with zoe.page.expect_download() as download:
        save.click()
    assert got == [download.value]
    assert download.value.failure() is None


def test_a_save_is_of_one_tab_until_that_is_closed(member: Callable[..., Member], tmp_path: Path):
    ben, fetched, digest = cut_off(member, tmp_path)
    fetched.hold_from = COUNT // 2 + 4
    with ben.page.expect_download():
        ben.content("build.tar").get_by_role("button", name="Go on").click()
    wait_until(lambda: ben.page.evaluate(KEPT) == [1, COUNT // 2 + 4], "more of it is kept")
    other = Member(ben.context, ben.url)
    other.join("Ben")
    card = other.content("build.tar")
    card.get_by_text("Another tab of this browser is saving it").wait_for()
    for name in ("Save", "Go on", "Discard"):
        assert card.get_by_role("button", name=name, exact=True).count() == 0
    ben.page.close()
    card.get_by_text("Not saved yet: 25.2 MB of 41.9 MB are kept here.").wait_for()
    fetched.release()
    with other.page.expect_download() as download:
        card.get_by_role("button", name="Go on").click()
    download.value.save_as(tmp_path / "saved.tar")
    assert sha256_of(tmp_path / "saved.tar") == digest
    wait_until(lambda: other.page.evaluate(KEPT) == [0, 0], "nothing is kept")
