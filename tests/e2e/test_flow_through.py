"""A content that is still being sent: shown, saved, waited for, and given up with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tests.e2e.conftest import PHONE, SESSION, Member, Place
from tests.files import MIB, make_bitmap, make_file, sha256_of
from tests.programs import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Locator, Route, WebSocketRoute

    from tests.conftest import StartHaproxy, StartServer


GIVEN_UP = "An upload that nobody went on with was removed."
LISTEN = """text => {
  const listen = () => { window.wasTold ||= document.body.textContent.includes(text); };
  new MutationObserver(listen).observe(document.body, { childList: true, subtree: true });
}"""
"""What is told is shown for four seconds: on a busy machine a look may come too late."""


def listens(member: Member) -> Callable[[], None]:
    """Begin to listen; gives what waits until the member was told that an upload was given up."""
    member.page.evaluate(LISTEN, GIVEN_UP)
    return lambda: wait_until(lambda: member.page.evaluate("window.wasTold"), GIVEN_UP, 90)


class Hold:
    """Chunks from one index on do not leave a browser before they are let go."""

    def __init__(self, member: Member, first: int) -> None:
        """Begin to hold."""
        self.member = member
        self.first = first
        self.held: list[Route] = []
        member.context.route("**/chunks/*", self._route)

    def _route(self, route: Route) -> None:
        index = int(route.request.url.rsplit("/", 1)[1])
        if route.request.method == "PUT" and index >= self.first:
            self.held.append(route)
        else:
            route.continue_()

    def wait(self) -> None:
        """Wait until something is held."""
        wait_until(lambda: self.member.page.evaluate("1") == 1 and self.held, "a chunk is held")

    def let_go(self) -> None:
        """Send what was held, and all that follows."""
        self._end()
        for route in self.held:
            route.continue_()

    def lose(self) -> None:
        """Let what was held be lost, as it is with a connection, and send all that follows."""
        self._end()
        for route in self.held:
            route.abort()

    def _end(self) -> None:
        self.first = 2**20


class Line:
    """The control plane of a browser, which can be cut: its server hears of that at once."""

    def __init__(self, member: Member) -> None:
        """Stand in between."""
        self.is_cut = False
        self.open: list[WebSocketRoute] = []
        member.context.route_web_socket("**/socket.io/**", self._forward)
        member.context.route("**/socket.io/**", self._poll)

    def _forward(self, route: WebSocketRoute) -> None:
        if self.is_cut:
            route.close()
        else:
            self.open += [route, route.connect_to_server()]

    def _poll(self, route: Route) -> None:
        if self.is_cut:
            route.abort()
        else:
            route.continue_()

    def cut(self) -> None:
        """Close what is open and let nothing through."""
        self.is_cut = True
        for route in self.open:
            route.close()


class Half(NamedTuple):
    """A file of which half was sent."""

    file: Path
    digest: str
    hold: Hold
    card: Locator


def half_sent(zoe: Member, ben: Member, folder: Path) -> Half:
    """Let two join, one send and the other see."""
    zoe.join("Zoë")
    ben.join("Ben")
    file = folder / "build.tar"
    digest = make_file(file, 12 * MIB)
    hold = Hold(zoe, 6)
    zoe.share(file)
    hold.wait()
    return Half(file, digest, hold, ben.content(file.name))


def test_a_picture_is_shown_and_saved_while_it_is_sent(
    member: Callable[..., Member], tmp_path: Path
):
    zoe, ben = member(), member(PHONE)
    zoe.join("Zoë")
    ben.join("Ben")
    picture = tmp_path / "Harbour.bmp"
    digest = make_bitmap(picture, 1600, 1600)
    hold = Hold(zoe, 4)
    zoe.share(picture)
    hold.wait()
    card = ben.content(picture.name)
    shown = card.get_by_role("img", name=picture.name)
    shown.wait_for()
    wait_until(lambda: shown.evaluate("image => image.naturalWidth") == 1600, "a part is drawn")
    card.get_by_text("Still being sent").wait_for()
    with ben.page.expect_download() as download:
        card.get_by_role("button", name="Save").click()
    card.get_by_text("Waiting for more of it to be sent").wait_for()
    hold.let_go()
    saved = tmp_path / "saved.bmp"
    download.value.save_as(saved)
    assert sha256_of(saved) == digest
    card.get_by_role("button", name="Pin").wait_for()
    shown.wait_for()


def test_a_sender_who_is_away_is_waited_for(member: Callable[..., Member], tmp_path: Path):
    zoe, ben = member(), member()
    line = Line(zoe)
    _, digest, hold, card = half_sent(zoe, ben, tmp_path)
    with ben.page.expect_download() as download:
        card.get_by_role("button", name="Save").click()
    card.get_by_text("Waiting for more of it to be sent").wait_for()
    line.cut()
    card.get_by_text("Waiting for Zoë").wait_for()
    hold.lose()
    line.is_cut = False
    saved = tmp_path / "saved.tar"
    download.value.save_as(saved)
    assert sha256_of(saved) == digest
    ben.page.get_by_text("Saved build.tar.").wait_for()


def test_a_sender_who_does_not_come_back_is_not_waited_for_for_ever(
    server: StartServer, haproxy: StartHaproxy, member: Callable[..., Member], tmp_path: Path
):
    started = server(creations_per_hour=10_000, unfinished_seconds=20)
    place = Place(started, haproxy(started.url))
    zoe, ben = member(url=place.url), member(url=place.url)
    card = half_sent(zoe, ben, tmp_path).card
    is_told = listens(ben)
    with ben.page.expect_download() as download:
        card.get_by_role("button", name="Save").click()
    zoe.page.close(run_before_unload=False)
    card.get_by_text("Waiting for Zoë").wait_for()
    is_told()
    card.wait_for(state="detached")
    assert download.value.failure() is not None


def test_an_upload_that_was_given_up_while_its_sender_was_away_is_sent_anew(
    server: StartServer, haproxy: StartHaproxy, member: Callable[..., Member], tmp_path: Path
):
    started = server(creations_per_hour=10_000, unfinished_seconds=10, sweep_seconds=1)
    place = Place(started, haproxy(started.url))
    zoe, ben = member(url=place.url), member(url=place.url)
    file, digest, hold, card = half_sent(zoe, ben, tmp_path)
    is_told = listens(ben)
    card.wait_for()
    zoe.context.set_offline(True)
    hold.lose()
    is_told()
    card.wait_for(state="detached")
    zoe.context.set_offline(False)
    zoe.content(file.name).get_by_role("button", name="Save").wait_for()
    assert zoe.page.get_by_role("article").count() == 1
    saved = tmp_path / "saved.tar"
    ben.save(file.name, saved)
    assert sha256_of(saved) == digest


def test_an_upload_that_somebody_removed_says_so_and_can_be_shared_again(
    member: Callable[..., Member], tmp_path: Path
):
    zoe, ben = member(), member()
    zoe.join("Zoë")
    ben.join("Ben")
    file = tmp_path / "build.tar"
    make_file(file, 12 * MIB)
    hold = Hold(zoe, 6)
    zoe.share(file)
    hold.wait()
    card = zoe.content(file.name)
    ben.content(file.name).wait_for()
    clear(ben)
    ben.page.get_by_text("Nothing here yet").wait_for()
    card.get_by_text("It was removed from the session before all of it was sent.").wait_for()
    card.get_by_role("button", name="Try again").click()
    ben.content(file.name).wait_for()
    clear(zoe)
    zoe.page.get_by_text("Nothing here yet").wait_for()
    ben.page.get_by_text("Nothing here yet").wait_for()


def clear(member: Member) -> None:
    """Remove everything."""
    member.page.get_by_role("button", name="Clear all").click()
    dialog = member.page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill(SESSION)
    dialog.get_by_role("button", name="Remove everything").click()
