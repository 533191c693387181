"""What must not break a session: crowds of files, lost and frozen servers, hostile members."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from typing import TYPE_CHECKING, Any

from sharethings.client.server import Server
from sharethings.client.session import Session
from sharethings.client.sizes import lay_out
from sharethings.client.upload import Upload
from tests.e2e.conftest import PASSPHRASE, PHONE, SESSION, Member, Place
from tests.files import MIB, make_file, sha256_of
from tests.programs import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import WebSocketRoute


def leave(member: Member) -> None:
    member.page.get_by_role("button", name="Leave").click()


def is_at_the_form(member: Member, timeout: float = 8_000) -> None:
    member.page.get_by_role("button", name="Join or create").wait_for(timeout=timeout)


def names_of(member: Member) -> list[str | None]:
    cards = member.page.get_by_role("article")
    return [cards.nth(at).get_attribute("aria-label") for at in range(cards.count())]


class HostileUpload(Upload):
    """An upload whose manifest says what its sender likes."""

    def say(self, **members: Any) -> None:
        self._members |= members


async def _share_hostile(place: Place, members: list[dict[str, Any]]) -> None:
    server = Server.parse(place.url, place.haproxy.ca_file)
    async with await Session.open(server, SESSION, "Mallory", PASSPHRASE) as session:
        for one in members:
            upload = HostileUpload(session, "file", "ledger.txt", "text/plain", 16384)
            upload.say(**one)
            await upload.send_inline(b"hello", lay_out(5))


def share_hostile(place: Place, *members: dict[str, Any]) -> None:
    """Share small files whose manifests hold `members`; in a thread, beside the browsers' loop."""
    failures: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(_share_hostile(place, list(members)))
        except BaseException as failure:  # noqa: BLE001 - told in the test's own thread
            failures.append(failure)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert failures == []


def test_a_crowd_of_small_files_arrives_whole_and_in_order(
    member: Callable[..., Member], tmp_path: Path
):
    zoe, ben = member(), member()
    zoe.join("Zoë")
    ben.join("Ben")
    files = [tmp_path / f"{at:03}.txt" for at in range(120)]
    for file in files:
        file.write_text(file.stem)
    zoe.share(*files)
    ben.content(files[-1].name).get_by_role("button", name="Save").wait_for(timeout=60_000)
    zoe.content(files[-1].name).get_by_role("button", name="Save").wait_for()
    assert names_of(ben) == [file.name for file in files]
    assert names_of(zoe) == names_of(ben)
    assert ben.page.get_by_role("button", name="Save").count() == len(files)
    assert zoe.page.get_by_text("Connected").count() == 1


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
    with zoe.page.expect_download() as download:
        card.get_by_role("button", name="Save").click()
        card.get_by_text("Saving").first.wait_for()
        place.server.kill()
    card.get_by_text("Waiting for the connection").first.wait_for()
    place.server.start()
    saved = tmp_path / "saved.tar"
    download.value.save_as(saved)
    assert sha256_of(saved) == digest
    # Chromium's lines about HAProxy's answers while there was no server.
    zoe.faults[:] = [fault for fault in zoe.faults if "503" not in fault]


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
    assert names_of(ben) == ["Text from Zoë"]


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


def test_hostile_manifests_break_no_page(place: Place, member: Callable[..., Member]):
    zoe = member()
    zoe.join("Zoë")
    share_hostile(
        place,
        {"created": 9_000_000_000_000_000},
        {"name": "\u202e" * 255, "sender": "Eve\u202e (uoy)"},
        {"name": "invoice\u202efdp.exe", "sender": "\u0000\u200b"},
        {"name": "x" * 4_000, "sender": "y" * 4_000},
        {"mime": "", "size": 0},
    )
    zoe.page.get_by_text("Cannot be read").wait_for()
    zoe.content("invoicefdp.exe").wait_for()
    zoe.content("content").first.wait_for()
    assert "\u202e" not in zoe.page.locator("body").inner_text()
    late = member(PHONE)
    late.join("Ben")
    late.content("invoicefdp.exe").wait_for()
    contents = late.page.get_by_role("region", name="Contents")
    assert contents.evaluate("region => region.scrollWidth - region.clientWidth") == 0
    late.say("still here")
    zoe.page.get_by_text("still here").wait_for()
