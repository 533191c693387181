"""What ends by itself, as a browser shows it: contents, idle pages, sessions, room."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.conftest import PASSPHRASE, SESSION, Member, Place
from tests.e2e.test_flow_through import Hold
from tests.e2e.test_reload_save import Fetched
from tests.files import MIB, make_file
from tests.programs import wait_until
from tests.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import StartHaproxy, StartServer

KEPT_SECONDS = 18
ASKED_AT_ONCE = 4
"""The chunks of a content that a browser asks for at the same time."""
LOOKING = """
Object.defineProperty(document, "visibilityState", { get: () => globalThis.looked ?? "visible" });
"""


@pytest.fixture
def place(request: pytest.FixtureRequest, server: StartServer, haproxy: StartHaproxy) -> Place:
    """Start a server that sweeps each second, with the settings that a test asks for."""
    started = server(creations_per_hour=10_000, sweep_seconds=1, **request.param)
    return Place(started, haproxy(started.url))


def look(member: Member, state: str) -> None:
    """Let the page be hidden, or looked at."""
    member.page.evaluate(
        "state => { globalThis.looked = state;"
        " document.dispatchEvent(new Event('visibilitychange')); }",
        state,
    )


@pytest.mark.parametrize("place", [{"connection_idle_seconds": 2}], indirect=True)
def test_an_idle_page_is_paused_until_somebody_looks(member: Callable[..., Member]):
    zoe = member()
    zoe.context.add_init_script(LOOKING)
    zoe.join("Zoë")
    look(zoe, "hidden")
    zoe.page.get_by_text("It comes back when you look").wait_for()
    look(zoe, "visible")
    zoe.page.get_by_text("Connected").wait_for()
    zoe.say("hello")
    zoe.content("Text from Zoë").get_by_text("hello").wait_for()


@pytest.mark.parametrize(
    "place", [{"connection_idle_seconds": 1, "unfinished_seconds": KEPT_SECONDS}], indirect=True
)
def test_an_upload_that_rests_in_a_hidden_page_is_kept(
    member: Callable[..., Member], place: Place, tmp_path: Path
):
    zoe = member()
    zoe.context.add_init_script(LOOKING)
    zoe.join("Zoë")
    file = tmp_path / "Timelapse.mp4"
    make_file(file, 20 * MIB)
    hold = Hold(zoe, 6)
    zoe.share(file)
    hold.wait()
    card = zoe.content(file.name)
    card.get_by_role("button", name="Pause").click()
    hold.let_go()
    card.get_by_text("Paused").wait_for()
    tia = Terminal(place.server.url, PASSPHRASE, SESSION)
    before = [row["id"] for row in tia.list()]
    look(zoe, "hidden")
    zoe.page.wait_for_timeout((KEPT_SECONDS + 5) * 1000)
    assert [row["id"] for row in tia.list()] == before
    look(zoe, "visible")
    card.get_by_role("button", name="Go on").click()
    card.get_by_role("button", name="Save").wait_for()
    assert [row["id"] for row in tia.list()] == before


@pytest.mark.parametrize("place", [{"connection_idle_seconds": 2}], indirect=True)
def test_a_hidden_page_that_saves_does_not_rest(member: Callable[..., Member], tmp_path: Path):
    zoe = member()
    zoe.context.add_init_script(LOOKING)
    zoe.join("Zoë")
    file = tmp_path / "Timelapse.mp4"
    make_file(file, 8 * MIB)
    zoe.share(file)
    save = zoe.content(file.name).get_by_role("button", name="Save")
    save.wait_for()
    fetched = Fetched(zoe, 2)
    with zoe.page.expect_download():
        save.click()
    look(zoe, "hidden")
    wait_until(
        lambda: zoe.page.evaluate("1") == 1 and fetched.held > ASKED_AT_ONCE,
        "it is back, and asks again for what it waits for",
    )
    fetched.release()
    zoe.page.get_by_text(f"Saved {file.name}.").wait_for()
    zoe.page.get_by_text("It comes back when you look").wait_for()


@pytest.mark.parametrize("place", [{"session_idle_max_seconds": 3600}], indirect=True)
def test_contents_count_their_last_minute_and_go(member: Callable[..., Member], place: Place):
    zoe = member()
    zoe.page.goto(place.url)
    zoe.page.get_by_text("If it is a new session").click()
    zoe.page.get_by_text("allows 1 hour at most").wait_for()
    zoe.join("Zoë")
    zoe.page.get_by_text("Kept for 1 hour after the last one leaves.").wait_for()
    tia = Terminal(place.server.url, PASSPHRASE, SESSION)
    tia.do("share", "--text", "for now", "--keep", "15s")
    card = zoe.content("Text from Tia")
    card.get_by_text("goes in", exact=False).wait_for()
    zoe.page.get_by_text("The time of 1 content is over: it is gone.").wait_for()
    card.wait_for(state="detached")
    assert tia.list() == []


@pytest.mark.parametrize(
    "place", [{"connection_idle_seconds": 2, "session_idle_max_seconds": 2}], indirect=True
)
def test_a_session_that_ended_under_a_sleeping_page_says_so(
    member: Callable[..., Member], place: Place
):
    zoe = member()
    zoe.context.add_init_script(LOOKING)
    zoe.join("Zoë")
    zoe.say("hello")
    zoe.content("Text from Zoë").wait_for()
    look(zoe, "hidden")
    zoe.page.get_by_text("It comes back when you look").wait_for()
    sessions = place.server.data_directory / "sessions"
    wait_until(lambda: not list(sessions.iterdir()), "the session is gone")
    look(zoe, "visible")
    alert = zoe.page.get_by_role("alert")
    alert.get_by_text("Its time was over, or who runs the server removed it").wait_for()
    card = zoe.content("Text from Zoë")
    assert card.get_by_role("button").all_inner_texts() == ["Copy"]
    assert zoe.page.get_by_role("button", name="Clear all").is_disabled()
    zoe.page.locator("[inert]").get_by_role("textbox", name="Message").wait_for()
    alert.get_by_role("button", name="Join again").click()
    zoe.page.get_by_role("button", name="Join or create").wait_for()


@pytest.mark.parametrize("place", [{}], indirect=True)
def test_a_session_lets_its_oldest_go_when_it_was_made_so(
    member: Callable[..., Member], place: Place
):
    zoe = member()
    page = zoe.page
    page.goto(place.url)
    page.get_by_text("If it is a new session").click()
    page.get_by_label("Holds").select_option("At most 10 contents")
    page.get_by_label("When it holds so many").select_option("The oldest goes, unless it is pinned")
    page.get_by_role("textbox", name="Session name").fill(SESSION)
    page.get_by_role("textbox", name="Your name").fill("Zoë")
    page.get_by_label("Passphrase", exact=True).fill(PASSPHRASE)
    page.get_by_role("button", name="Join or create").click()
    page.get_by_text("10 contents at most; then the oldest goes.").wait_for()
    for number in range(11):
        zoe.say(f"text {number}.")
    page.get_by_text("The oldest content made room for a new one.").wait_for()
    page.get_by_text("text 10.").wait_for()
    page.get_by_text("text 0.").wait_for(state="detached")
    assert page.get_by_role("article").count() == 10


@pytest.mark.parametrize("place", [{"session_bytes": 3_000_000}], indirect=True)
def test_what_does_not_fit_says_how_much_would_and_is_sent_when_there_is_room(
    member: Callable[..., Member], tmp_path: Path
):
    zoe = member()
    zoe.join("Zoë")
    first, second = tmp_path / "first.bin", tmp_path / "second.bin"
    make_file(first, 2 * MIB)
    make_file(second, MIB)
    zoe.share(first)
    zoe.content(first.name).get_by_role("button", name="Save").wait_for()
    zoe.share(second)
    card = zoe.content(second.name)
    card.get_by_text("This session has room for 882 kB more, of 3 MB in all.").wait_for()
    zoe.content(first.name).get_by_role("button", name="Remove").click()
    zoe.page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    zoe.content(first.name).wait_for(state="detached")
    card.get_by_role("button", name="Try again").click()
    card.get_by_role("button", name="Save").wait_for()
