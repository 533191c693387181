"""What must not break a session: lost, frozen and renewed servers, and who leaves in the middle."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

from tests.e2e.conftest import PASSPHRASE, SESSION, Member, Place
from tests.files import MIB, make_file, sha256_of
from tests.programs import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Route, WebSocketRoute


def leave(member: Member) -> None:
    member.page.get_by_role("button", name="Leave").click()


def is_at_the_form(member: Member, timeout: float = 8_000) -> None:
    member.page.get_by_role("button", name="Join or create").wait_for(timeout=timeout)


def test_a_save_goes_on_over_a_killed_server(
    place: Place, member: Callable[..., Member], tmp_path: Path
):
    zoe = member()
    zoe.join("Zoë")
    file = tmp_path / "build.tar"
    digest = make_file(file, 200 * MIB)
    zoe.share(file)
    card = zoe.content(file.name)
    card.get_by_role("button", name="Save").wait_for(timeout=90_000)
    # So that a fast machine cannot end before the server does.
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    zoe.context.route("**/chunks/100", hold, times=1)
    with zoe.page.expect_download() as download:
        card.get_by_role("button", name="Save").click()
        card.get_by_text("Saving").first.wait_for()
        wait_until(lambda: zoe.page.evaluate("1") == 1 and held, "half of it was asked for")
        place.server.kill()
    held[0].continue_()
    card.get_by_text("Waiting for the connection").first.wait_for()
    place.server.start()
    saved = tmp_path / "saved.tar"
    download.value.save_as(saved)
    assert sha256_of(saved) == digest


def test_leaving_takes_back_what_was_being_sent(member: Callable[..., Member], tmp_path: Path):
    zoe, ben = member(), member()
    zoe.join("Zoë")
    ben.join("Ben")
    zoe.say("stays")
    file = tmp_path / "Timelapse.mp4"
    make_file(file, 300 * MIB)
    zoe.share(file)
    ben.content(file.name).get_by_text("Still being sent").wait_for()
    leave(zoe)
    zoe.page.get_by_role("dialog").get_by_role("button", name="Leave and stop it").click()
    is_at_the_form(zoe)
    ben.content(file.name).wait_for(state="detached")
    assert ben.page.get_by_role("article").count() == 1


def test_leaving_while_it_joins_again_ends_that_too(place: Place, member: Callable[..., Member]):
    zoe, ben = member(), member()
    held: list[Callable[[], None]] = []
    is_holding = False

    def forward(route: WebSocketRoute) -> None:
        server = route.connect_to_server()

        def on_message(message: str | bytes) -> None:
            if is_holding and '"sig"' in str(message):
                held.append(lambda: route.send(message))
            else:
                route.send(message)

        server.on_message(on_message)

    zoe.context.route_web_socket("**/socket.io/**", forward)
    zoe.join("Zoë")
    ben.join("Ben")
    members = ben.page.get_by_role("complementary")
    members.get_by_text("2 members").wait_for()
    is_holding = True
    zoe.page.evaluate("dispatchEvent(new Event('offline'))")
    zoe.page.evaluate("dispatchEvent(new Event('online'))")
    wait_until(lambda: zoe.page.evaluate("1") == 1 and bool(held), "the join was answered")
    leave(zoe)
    is_at_the_form(zoe)
    for release in held:
        release()
    members.get_by_text("1 member").wait_for()


def test_a_frozen_server_holds_nobody(place: Place, member: Callable[..., Member]):
    zoe = member()
    zoe.join("Zoë")
    os.kill(place.server.pid, signal.SIGSTOP)
    try:
        leave(zoe)
        is_at_the_form(zoe)
    finally:
        os.kill(place.server.pid, signal.SIGCONT)


def test_a_page_of_which_a_part_is_gone_says_so(member: Callable[..., Member]):
    zoe = member()
    zoe.context.route("**/assets/worker-*", lambda route: route.fulfill(status=404))
    zoe.fill(SESSION, "Zoë", PASSPHRASE)
    zoe.page.get_by_role("alert").get_by_text("reload the page").wait_for()
    zoe.faults.clear()  # Chromium's own line about the 404
