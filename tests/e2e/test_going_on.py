"""Uploads that rest, and that outlive lost networks, killed servers and closed pages."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from tests.e2e.test_equal import sent_by
from tests.e2e.test_flow_through import Hold
from tests.e2e.wire import Wire
from tests.files import MIB, make_file, sha256_of
from tests.programs import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Dialog, Route

    from tests.conftest import StartHaproxy, StartServer
    from tests.e2e.conftest import Member, Place

LARGE_BYTES = 256 * MIB  # the most that is cut into chunks of 1 MiB
WASTE = 1.05
"""Bytes sent, to the file's: what all interruptions together may cost."""
KEPT = """async () => {
  const kept = [];
  for (const { name } of await indexedDB.databases()) {
    const database = await new Promise((resolve) => {
      const asked = indexedDB.open(name);
      asked.onsuccess = () => resolve(asked.result);
    });
    for (const store of database.objectStoreNames) {
      const all = database.transaction(store).objectStore(store);
      for (const asked of [all.getAllKeys(), all.getAll()]) {
        await new Promise((resolve) => (asked.onsuccess = resolve));
        kept.push(JSON.stringify(asked.result, (_, value) =>
          value instanceof Uint8Array ? new TextDecoder('latin1').decode(value) : value));
      }
    }
    database.close();
  }
  return [...kept, JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage })];
}"""


class Held:
    """One chunk that does not leave the browser: until then no upload is complete."""

    def __init__(self, member: Member, index: int) -> None:
        """Hold the next request of this chunk."""
        self._member = member
        self._held: list[Route] = []
        member.context.route(f"**/chunks/{index}", self._hold, times=1)

    def _hold(self, route: Route) -> None:
        self._held.append(route)

    def wait(self) -> None:
        """Wait until it was to be sent."""
        page = self._member.page
        wait_until(lambda: page.evaluate("1") == 1 and bool(self._held), "it is held")

    def lose(self) -> None:
        """Let it be lost."""
        self._held[0].abort()

    def release(self) -> None:
        """Let it go."""
        self._held[0].continue_()


def kept_by(member: Member) -> list[str]:
    """Give the names under which a browser keeps something of uploads."""
    return re.findall(r"[0-9a-f]{32}", "".join(member.page.evaluate(KEPT)))


def choose(card: Any, file: Path) -> None:
    card.locator("input[type=file]").set_input_files(file)


def reload(member: Member, name: str) -> list[str]:
    """Open the page anew and join again; gives the questions that the browser asked."""
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    member.page.once("dialog", answer)
    member.join(name)
    return asked


def test_three_interruptions_cost_less_than_five_hundredths(
    server: StartServer,
    haproxy: StartHaproxy,
    member: Callable[..., Member],
    tmp_path: Path,
):
    started = server()
    wire = Wire(started.port, keeps=False)
    url = haproxy(f"http://127.0.0.1:{wire.port}").url
    zoe, ben = member(url=url), member(url=url)
    zoe.join("Zoë")
    ben.join("Ben")
    file, other = tmp_path / "build.tar", tmp_path / "other.tar"
    digest = make_file(file, LARGE_BYTES)
    make_file(other, MIB)
    os.utime(other, (0, 0))
    card = zoe.content(file.name)
    waits = card.get_by_text("Waiting for the connection")

    held = Held(zoe, 60)
    zoe.share(file)
    held.wait()
    zoe.context.set_offline(True)
    held.lose()
    waits.wait_for()
    held = Held(zoe, 120)
    zoe.context.set_offline(False)
    held.wait()
    started.kill()
    held.lose()
    waits.wait_for()
    held = Held(zoe, 180)
    started.start()
    held.wait()
    assert reload(zoe, "Zoë") == ["beforeunload"]

    zoe.page.get_by_text("An upload was interrupted").wait_for()
    choose(card, other)
    zoe.page.get_by_role("alert").get_by_text("another file").wait_for()
    choose(card, file)
    card.get_by_role("button", name="Save").wait_for(timeout=120_000)
    assert zoe.page.get_by_role("article").count() == 1
    print(f"sent: {wire.sent_bytes / LARGE_BYTES:.4f} of the file")  # noqa: T201
    assert LARGE_BYTES < wire.sent_bytes < WASTE * LARGE_BYTES
    saved = tmp_path / "saved.tar"
    ben.save(file.name, saved)
    assert sha256_of(saved) == digest
    wait_until(lambda: kept_by(zoe) == [], "nothing of it is kept any more")


def test_an_upload_rests_over_a_lost_connection_until_it_goes_on(
    member: Callable[..., Member], tmp_path: Path
):
    zoe = member()
    zoe.join("Zoë")
    file = tmp_path / "Timelapse.mp4"
    make_file(file, 40 * MIB)
    held = Held(zoe, 20)
    zoe.share(file)
    held.wait()
    card = zoe.content(file.name)
    rest = card.get_by_role("button", name="Pause")
    rest.focus()
    zoe.page.keyboard.press("Enter")
    held.release()
    card.get_by_text("Paused").wait_for()
    # The same button now: whoever uses the keyboard stays where they were.
    again = card.get_by_role("button", name="Go on")
    assert again.evaluate("(button) => button === document.activeElement")
    zoe.context.set_offline(True)
    zoe.page.get_by_text("Connection lost").wait_for()
    sent = sent_by(zoe)
    zoe.context.set_offline(False)
    zoe.page.get_by_text("Connection lost").wait_for(state="detached")
    zoe.say("hello")
    zoe.page.get_by_text("hello").wait_for()
    assert card.get_by_text("Paused").is_visible()
    assert sent == []
    zoe.page.keyboard.press("Escape")
    again.click()
    card.get_by_role("button", name="Save").wait_for()
    assert len(sent) < 40
    assert len(set(sent)) == len(sent)


def test_files_that_waited_for_their_turn_are_asked_for_after_a_reload(
    member: Callable[..., Member], tmp_path: Path
):
    zoe, ben = member(), member()
    zoe.join("Zoë")
    ben.join("Ben")
    files = [tmp_path / f"clip {number}.mp4" for number in range(5)]
    digests = [make_file(file, 3 * MIB + number) for number, file in enumerate(files)]
    hold = Hold(zoe, 1)
    zoe.share(*files)
    hold.wait()
    wait_until(lambda: len(kept_by(zoe)) == 2 * len(files), "each is kept: its place and its row")
    assert reload(zoe, "Zoë") == ["beforeunload"]
    hold.lose()

    zoe.page.get_by_text("5 uploads were interrupted").wait_for()
    for file in files:
        zoe.content(file.name).get_by_text("Interrupted.").wait_for()
    chooser = zoe.page.get_by_role("status").locator("input[type=file]")
    chooser.set_input_files(files)
    for file, digest in zip(files, digests, strict=True):
        zoe.content(file.name).get_by_role("button", name="Save").wait_for(timeout=60_000)
        saved = tmp_path / "saved.mp4"
        ben.save(file.name, saved)
        assert sha256_of(saved) == digest
    assert zoe.page.get_by_role("article").count() == len(files)
    assert ben.page.get_by_role("article").count() == len(files)
    wait_until(lambda: kept_by(zoe) == [], "nothing of them is kept any more")


def test_what_is_kept_of_an_upload_tells_nothing(
    place: Place, member: Callable[..., Member], tmp_path: Path
):
    zoe = member()
    zoe.join("Melissa Arbor", session="Rooftop orchard 7391")
    file = tmp_path / "inheritance-plan.bin"
    make_file(file, 5 * MIB)
    held = Held(zoe, 3)
    zoe.share(file)
    held.wait()
    assert len(kept_by(zoe)) == 2  # the place and the row
    kept = "".join(zoe.page.evaluate(KEPT))
    ids = {path.name for path in place.server.data_directory.glob("sessions/*")}
    for secret in ["inheritance", "application", *ids]:
        assert secret not in kept
    held.release()
    zoe.content(file.name).get_by_role("button", name="Save").wait_for()
