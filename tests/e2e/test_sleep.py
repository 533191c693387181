"""A page that slept in the middle of an upload or a save, and lost its connections meanwhile.

Its process is stopped for two seconds, and its connections are reset; or its clock is found an
hour later, and its connections are there but pass nothing, as behind a router that forgot them.
"""

from __future__ import annotations

import os
import select
import signal
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.files import MIB, make_file, sha256_of
from tests.line import Line
from tests.programs import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

    from tests.e2e.conftest import Member, Place

FILE_BYTES = 24 * MIB
BYTES_PER_SECOND = 16 * MIB
"""So slow that the page falls asleep in the middle."""
MOST_BYTES = FILE_BYTES + 8 * MIB + MIB // 8
"""One window is lost with the connections, and one may be asked for twice (MOVING_COSTS)."""
SLEEP_SECONDS = 2.0
AWAKE_SECONDS = 12.0
"""Until all is there: far less than the half minute after which silence is taken for a loss."""


FORGOTTEN_SECONDS = 30.0
"""The same where nobody says that the connections are gone: the ping's time is 45 s."""
LATER = "{ const now = Date.now; Date.now = () => now() + 3_600_000; }"


def renderers_of(browser: Browser) -> set[int]:
    """Give the processes in which pages and their workers run."""
    session = browser.new_browser_cdp_session()
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    return {process["id"] for process in processes if process["type"] == "renderer"}


@contextmanager
def asleep(processes: set[int]) -> Iterator[None]:
    """Let them do nothing for a time."""
    assert processes
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
        select.select([], [], [], SLEEP_SECONDS)
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)


def test_a_page_that_slept_goes_on_by_itself(
    browser: Browser, place: Place, member: Callable[..., Member], tmp_path: Path
):
    others = renderers_of(browser)
    file, saved = tmp_path / "Timelapse.mp4", tmp_path / "saved.mp4"
    digest = make_file(file, FILE_BYTES)
    with Line(place.server.port, "cut", "nothing") as line:
        zoe = member(url=line.url)
        zoe.join("Zoë")
        page = renderers_of(browser) - others
        line.bytes_per_second = BYTES_PER_SECOND
        before = line.sent_bytes
        zoe.share(file)
        wait_until(lambda: line.asked["PUT 8"], "a third has been sent")
        with asleep(page):
            line.reset()
            asked = line.asked.total()
        woken = time.monotonic()
        zoe.content(file.name).get_by_role("button", name="Save").wait_for()
        took, sent = time.monotonic() - woken, line.sent_bytes - before
        print(f"sent {sent / FILE_BYTES:.3f}, {took:.1f} s after waking, {asked=}")  # noqa: T201
        assert FILE_BYTES < sent < MOST_BYTES
        assert took < AWAKE_SECONDS

        before = line.received_bytes
        with zoe.page.expect_download() as download:
            zoe.content(file.name).get_by_role("button", name="Save").click()
            wait_until(
                lambda: zoe.page.evaluate("1") == 1 and line.asked["GET 8"], "a third has come"
            )
            with asleep(page):
                line.reset()
            woken = time.monotonic()
        download.value.save_as(saved)
        took, received = time.monotonic() - woken, line.received_bytes - before
        print(f"received {received / FILE_BYTES:.3f}, {took:.1f} s after waking")  # noqa: T201
        assert sha256_of(saved) == digest
        assert FILE_BYTES < received < MOST_BYTES
        assert took < AWAKE_SECONDS
        zoe.context.close()


def test_a_page_that_wakes_behind_a_silent_line_goes_on_soon(
    place: Place, member: Callable[..., Member], tmp_path: Path
):
    file, saved = tmp_path / "Timelapse.mp4", tmp_path / "saved.mp4"
    digest = make_file(file, FILE_BYTES)
    with Line(place.server.port, "cut", "nothing") as line:
        zoe = member(url=line.url)
        zoe.join("Zoë")
        line.bytes_per_second = BYTES_PER_SECOND
        zoe.share(file)
        wait_until(lambda: line.asked["PUT 8"], "a third has been sent")
        line.silence()
        zoe.page.evaluate(LATER)
        woken = time.monotonic()
        zoe.content(file.name).get_by_role("button", name="Save").wait_for(
            timeout=FORGOTTEN_SECONDS * 1000
        )
        print(f"{time.monotonic() - woken:.1f} s after waking")  # noqa: T201
        assert FILE_BYTES < line.sent_bytes < MOST_BYTES

        before = line.received_bytes
        with zoe.page.expect_download(timeout=FORGOTTEN_SECONDS * 1000) as download:
            zoe.content(file.name).get_by_role("button", name="Save").click()
            wait_until(
                lambda: zoe.page.evaluate("1") == 1 and line.asked["GET 8"], "a third has come"
            )
            line.silence()
            zoe.page.evaluate(LATER)
            woken = time.monotonic()
        download.value.save_as(saved)
        print(f"{time.monotonic() - woken:.1f} s after waking")  # noqa: T201
        assert sha256_of(saved) == digest
        assert FILE_BYTES < line.received_bytes - before < MOST_BYTES
        zoe.context.close()
