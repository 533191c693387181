"""What ends by itself, as a browser shows it: contents, idle pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.conftest import PASSPHRASE, SESSION, Member, Place
from tests.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import StartHaproxy, StartServer

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


@pytest.mark.parametrize("place", [{"session_idle_max_seconds": 3600}], indirect=True)
def test_contents_count_their_last_minute_and_go(member: Callable[..., Member], place: Place):
    zoe = member()
    zoe.page.goto(place.url)
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
